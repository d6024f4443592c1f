/** The browser's own interface, under the name that Firefox and Chromium share. */
export const api = globalThis.browser ?? globalThis.chrome;
