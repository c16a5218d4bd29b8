// Runs before the first paint, in older browsers too: it sets the chosen colour theme, so that a dark page does not flash
// white, and tells the person if the browser is too old for the page.

try {
  const theme = localStorage.getItem("grapevine.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is disabled: the system's theme applies.
}

try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  // Some systems have a language that is none, such as "c". The library of the charts would fail.
  Object.defineProperty(navigator, "language", { value: "en" });
}

if (!("any" in AbortSignal && CSS.supports("color", "light-dark(red, blue)"))) {
  document.documentElement.dataset.tooOld = "true"; // the page does not start
  addEventListener("DOMContentLoaded", () => {
    const p = document.createElement("p");
    p.id = "too-old";
    p.style.cssText = "max-width:560px;margin:18vh auto;padding:0 20px;font:18px/1.5 sans-serif";
    p.textContent = navigator.language.startsWith("de")
      ? "Dieser Browser ist zu alt für die Seite. Sie braucht Chrome 123, Firefox 124 oder Safari 17.5, oder neuer."
      : "This browser is too old for the page. It needs Chrome 123, Firefox 124 or Safari 17.5, or a later version.";
    document.body.prepend(p);
  });
}
