/** Return what does one thing after the other: it takes each, and resolves once that is done. */
export function inTurn() {
  let last = Promise.resolve();
  return (act) => {
    const done = last.then(act);
    last = done.catch(() => {}); // What fails holds up nothing.
    return done;
  };
}
