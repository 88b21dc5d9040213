(() => {
  // The learner's own choice, if there is one, is stronger than the system's.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("deepdials-theme");
    } catch {
      return null; // Some browsers forbid storage in private windows.
    }
  };
  const apply = () => {
    const theme = chosen();
    const light = theme === "light" || (theme !== "dark" && !dark.matches);
    // The widgets' own variables are computed on the root, so that it must know too.
    document.documentElement.dataset.jpThemeLight = light;
    document.body.dataset.jpThemeLight = light;
    document.body.dataset.jpThemeName = light ? "JupyterLab Light" : "JupyterLab Dark";
  };
  dark.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("deepdials-theme", apply);
  apply();
})();
