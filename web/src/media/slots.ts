// Who is in which receiving slot. A device in seat `me` receives seat `s` in slot s, or s − 1 if s is
// above its own: the same for sound and camera. The last video slot is the shared screen.

/** The slot in which a device in seat `me` receives seat `other`; null for itself. */
export function slotOf(me: number, other: number): number | null {
  if (other === me) return null;
  return other < me ? other : other - 1;
}
