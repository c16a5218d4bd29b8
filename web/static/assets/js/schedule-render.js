// Coalesces requests for a rendering into one per frame.

/**
 * Returns a function that requests a call of render with the next frame. The browser gives no frames to a
 * page in the background; there the call comes after `hiddenDelay` milliseconds.
 *
 * @param {() => void} render
 * @param {number} hiddenDelay
 */
export function scheduleRender(render, hiddenDelay) {
  let scheduled = false;
  const run = () => {
    scheduled = false;
    render();
  };
  return () => {
    if (scheduled) return;
    scheduled = true;
    if (document.visibilityState === "visible") requestAnimationFrame(run);
    else setTimeout(run, hiddenDelay);
  };
}
