// A person without a picture: the first character of the name, in the tone of the role.
import type { Role } from "../protocol/types";

export function Avatar({ name, role, large }: { name: string; role: Role; large?: boolean }) {
  return (
    <span class={`avatar avatar--${role} ${large ? "avatar--large" : ""}`} aria-hidden="true">
      {[...name.trim()][0]?.toUpperCase() ?? "·"}
    </span>
  );
}
