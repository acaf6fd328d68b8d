// Sets the colour scheme before the first paint. The key is Mantine's.
;(function () {
  var kept = null
  try {
    kept = localStorage.getItem('mantine-color-scheme-value')
  } catch (_) {
    // storage may be forbidden: then the system decides
  }
  var dark = kept === 'dark' || ((!kept || kept === 'auto') && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
