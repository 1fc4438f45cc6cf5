// The little of IndexedDB that keys.ts uses, in memory.
type Request = {
  onsuccess?: () => void;
  onupgradeneeded?: () => void;
  result?: unknown;
};

export function installStorage(): void {
  const kept = new Map<string, unknown>();
  const later = (request: Request, result: unknown) => {
    queueMicrotask(() => {
      request.result = result;
      request.onupgradeneeded?.();
      request.onsuccess?.();
    });
    return request;
  };
  const store = {
    put: (value: unknown, key: string) => kept.set(key, value),
    get: (key: string) => later({}, kept.get(key)),
    delete: (key: string) => kept.delete(key),
    clear: () => kept.clear(),
  };
  const database = {
    createObjectStore: () => store,
    close: () => undefined,
    transaction: () => {
      const transaction: { oncomplete?: () => void; objectStore: () => typeof store } = {
        objectStore: () => store,
      };
      setTimeout(() => transaction.oncomplete?.());
      return transaction;
    },
  };
  (globalThis as unknown as { indexedDB: unknown }).indexedDB = { open: () => later({}, database) };
}
