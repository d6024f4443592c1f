// Passkeys: a form that needs one has data-passkey ("sign-in", "add", "prove"), what the server asks
// for in data-options (an address, or the id of a JSON script), and a hidden field "credential".

const BYTES_OF = ["challenge", "id"];

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (window.PublicKeyCredential) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void useKey(form);
    });
  } else {
    complain(form, "This browser knows no passkeys, or only with HTTPS.");
    /** @type {HTMLButtonElement} */
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
  }
}

/** Ask the device for its key, and send what it says. */
async function useKey(form) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  complain(form, "");
  try {
    const { publicKey } = await optionsOf(form);
    const credential =
      form.dataset.passkey === "add"
        ? await navigator.credentials.create({ publicKey: withKeptKey(withBytes(publicKey)) })
        : await navigator.credentials.get({ publicKey: withBytes(publicKey) });
    form.elements.namedItem("credential").value = JSON.stringify(asJSON(credential));
    form.submit();
  } catch (error) {
    button.disabled = false;
    complain(form, words(error));
  }
}

async function optionsOf(form) {
  const from = form.dataset.options;
  const here = document.getElementById(from);
  if (here) {
    return JSON.parse(here.textContent);
  }
  const response = await fetch(from, { headers: { Accept: "application/json" } });
  if (!response.ok) {
    throw new Error(String(response.status));
  }
  return (await response.json()).request_options;
}

/** Have the key be one that signs in by itself: it is kept on the device, and asks who one is. */
function withKeptKey(options) {
  const chosen = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
  return { ...options, authenticatorSelection: { ...options.authenticatorSelection, ...chosen } };
}

/** Replace what JSON has as base64url by bytes. */
function withBytes(value) {
  if (Array.isArray(value)) {
    return value.map(withBytes);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  // The name of the site is its id, too, and that one is text.
  const isSite = "name" in value && !("displayName" in value);
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      BYTES_OF.includes(name) && typeof each === "string" && !isSite
        ? bytesOf(each)
        : withBytes(each),
    ]),
  );
}

function asJSON(credential) {
  const { response } = credential;
  const said = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) {
      said[name] = textOf(response[name]);
    }
  }
  if (response.getTransports) {
    said.transports = response.getTransports();
  }
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: said,
  };
}

function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function textOf(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function words(error) {
  switch (error.name) {
    case "NotAllowedError":
      return "No passkey was used: it was called off, took too long, or there is none here.";
    case "InvalidStateError":
      return "This device has a passkey for your account already.";
    case "SecurityError":
      return "Passkeys work only at the address that this Lectern is meant to have, with HTTPS.";
    default:
      return "That did not work. Please try again, or sign in with your password.";
  }
}

function complain(form, text) {
  const place = form.querySelector("[role=alert]");
  place.textContent = text;
  place.hidden = text === "";
}
