"""How sound gets out: live while it is made, stored afterwards, and the events that tell of it."""
