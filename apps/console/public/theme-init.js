// Sets the colour scheme before the first paint; a file of its own, since the page allows no inline script.
(function () {
  let chosen = null;
  try {
    chosen = localStorage.getItem('ecolink-theme');
  } catch {
    // Storage is refused: the system's scheme it is.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
