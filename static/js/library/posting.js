/**
 * Send a form and tell how far that is; `fetch` does not tell.
 *
 * `answered` resolves with {status, body}, the body null where it is no JSON, and rejects when
 * nothing came back.
 */
export function post({ url, token, fields, onProgress }) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const answered = new Promise((resolve, reject) => {
    request.onload = () => resolve({ status: request.status, body: request.response });
    request.onerror = request.onabort = () => reject(new Error("nothing came back"));
  });
  request.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
  request.open("POST", url);
  request.responseType = "json";
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", token);
  request.send(form);
  return { answered, abort: () => request.abort() };
}
