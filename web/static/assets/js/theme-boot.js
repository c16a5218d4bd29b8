// Sets the chosen colour theme before the first paint, so that a dark page does not flash white.
try {
  const theme = localStorage.getItem("grapevine.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is disabled: the system's theme applies.
}
