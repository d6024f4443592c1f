"""Getting voices: what the catalogues of hibari and Piper offer, downloaded, checked, put in place.

``offers`` are what can be had, ``catalogues`` ask for them, ``transfer`` fetches, ``downloads`` see
a voice through from the press of a button to everyone's picker, ``installed`` are those here.
"""
