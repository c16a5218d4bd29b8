// Drawing once for however many reasons there are.

/**
 * A function that asks for draw() with the next frame. A page in the background is given no frames and
 * must not pile work up for the moment it is seen: there it is every `hidden` milliseconds.
 */
export function redraw(draw, hidden) {
  let scheduled = false;
  const run = () => {
    scheduled = false;
    draw();
  };
  return () => {
    if (scheduled) return;
    scheduled = true;
    if (document.visibilityState === "visible") requestAnimationFrame(run);
    else setTimeout(run, hidden);
  };
}
