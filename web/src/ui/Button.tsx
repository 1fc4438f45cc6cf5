// The one button. A `busy` one stays where it is, can't be pressed twice, and says so.
import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

type Props = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "icon" | "children"> & {
  kind?: "primary" | "quiet" | "plain" | "leave" | "retreat";
  icon?: IconName;
  wide?: boolean;
  busy?: boolean;
  children?: ComponentChildren;
};

export function Button({
  kind = "quiet",
  icon,
  wide,
  busy,
  children,
  class: more,
  disabled,
  ...rest
}: Props) {
  const classes = ["button", `button--${kind}`, wide ? "button--wide" : "", more ?? ""].join(" ").trim();
  return (
    <button
      type="button"
      class={classes}
      disabled={disabled === true || busy === true}
      aria-busy={busy ?? false}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
