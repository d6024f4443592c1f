/** Fetch the marks of a sound. Throws an error with the `status` of an answer that has none. */
export async function fetchMarks(url, { signal }) {
  const response = await fetch(url, { signal });
  if (!response.ok) {
    throw Object.assign(new Error(`HTTP ${response.status}`), { status: response.status });
  }
  return (await response.json()).marks;
}
