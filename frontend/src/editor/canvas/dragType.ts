// What the palette hands over when an item is dragged.
export const DRAG_TYPE = 'application/x-sluiceway-node';
