// Which node's wires are being made from the keyboard.
import { create } from 'zustand';

interface ConnectMenu {
  readonly node: string | null;
  /** Only this input, when the menu was opened from it. */
  readonly input: string | null;
}

export const useConnectMenu = create<ConnectMenu>()(() => ({ node: null, input: null }));

export function openConnectMenu(node: string, input: string | null = null): void {
  useConnectMenu.setState({ node, input });
}

export function closeConnectMenu(): void {
  useConnectMenu.setState({ node: null, input: null });
}
