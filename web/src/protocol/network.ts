// Tells when the way to the network changed: back online, or from Wi-Fi to mobile and the other way.

/** `navigator.connection`, where there is one. */
interface Connection extends EventTarget {
  type?: string;
}

/** Calls `changed` at each change until the result is called. */
export function watchNetwork(changed: () => void): () => void {
  if (typeof window === "undefined") return () => undefined;
  const { connection } = navigator as Navigator & { connection?: Connection };
  let type = connection?.type;
  // The event also comes when an estimate of the speed changes; only another kind of network matters.
  const other = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    if (type !== "none") changed();
  };
  window.addEventListener("online", changed);
  connection?.addEventListener?.("change", other);
  return () => {
    window.removeEventListener("online", changed);
    connection?.removeEventListener?.("change", other);
  };
}
