// Coalesces requests for a rendering into one per frame.

/**
 * Returns a function that requests a call of render with the next frame. The browser gives no frames to a
 * page in the background; there the call comes after `hiddenDelay` milliseconds.
 *
 * @param {() => void} render
 * @param {number} hiddenDelay
 * @param {number} [interval] the least time between two renderings, in milliseconds
 */
export function scheduleRender(render, hiddenDelay, interval = 0) {
  let scheduled = false;
  let renderedAt = -Infinity;
  const run = () => {
    const wait = renderedAt + interval - performance.now();
    if (wait > 0) return void setTimeout(() => requestAnimationFrame(run), wait);
    scheduled = false;
    renderedAt = performance.now();
    render();
  };
  return () => {
    if (scheduled) return;
    scheduled = true;
    if (document.visibilityState === "visible") requestAnimationFrame(run);
    else setTimeout(run, hiddenDelay);
  };
}
