// The middle of what the canvas shows, on the screen.
export function middleOfCanvas(): { x: number; y: number } {
  const box = document.querySelector('.react-flow')?.getBoundingClientRect();
  return box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : { x: 0, y: 0 };
}
