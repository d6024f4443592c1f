// What TypeScript does not know of these pages by itself.

/** Modules tell each other what happens by events of their own. */
interface EventTarget {
  addEventListener(
    type: string,
    listener: (event: CustomEvent) => void,
    options?: AddEventListenerOptions,
  ): void;
}

/** A browser that does not know an action throws: any may be tried. */
interface MediaSession {
  setActionHandler(action: string, handler: MediaSessionActionHandler | null): void;
}

/** A page was brought into this window (static/js/pages.js). */
interface DocumentEventMap {
  "lectern:page": CustomEvent;
}
