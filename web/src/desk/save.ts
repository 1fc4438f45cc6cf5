// Hands a text to the browser as a file to keep.
export function saveText(name: string, text: string, type = "application/json"): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/[^\w.-]/g, "");
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
