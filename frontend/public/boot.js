// Sets the remembered colour scheme and language before the first paint, so that nothing flashes.
// A file of its own, not inline, so that a strict content security policy can stay strict.
(function () {
  const root = document.documentElement;
  let scheme = 'auto';
  let language = null;
  try {
    scheme = localStorage.getItem('sluiceway.scheme') || 'auto';
    language = localStorage.getItem('sluiceway.language');
  } catch {
    // Storage may be forbidden: the system's choice stands.
  }
  const dark = scheme === 'dark' || (scheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  root.style.backgroundColor = dark ? '#101519' : '#f6f7f8';
  if (language === 'zh') root.lang = 'zh-Hans';
})();
