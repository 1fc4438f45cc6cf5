// What somebody who looks into the machine may set in this browser's storage. Nothing else reads it.

/** Whether `localStorage[name]` holds this value. Without storage: no. */
export function flag(name: string, value = "1"): boolean {
  try {
    return localStorage.getItem(name) === value;
  } catch {
    return false;
  }
}
