// The console follows the studio's light or dark whenever it changed there; a choice made here holds until then.
const chosen = localStorage.getItem('sluiceway.scheme');
if (chosen && chosen !== localStorage.getItem('sluiceway.scheme.followed')) {
  localStorage.setItem('sluiceway.scheme.followed', chosen);
  localStorage.setItem('adminTheme', JSON.stringify(chosen)); // Unfold's own place, as Alpine keeps it
}
