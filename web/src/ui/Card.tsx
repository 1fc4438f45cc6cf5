// A sheet of paper on the page: hairline, no shadow.
import type { ComponentChildren } from "preact";

export function Card({ children, class: more }: { children: ComponentChildren; class?: string }) {
  return <div class={`card stack ${more ?? ""}`}>{children}</div>;
}
