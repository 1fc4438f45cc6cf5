// The product's drawn signs, on one 24-unit grid. Always beside words or with a label of their own.
const PATHS = {
  mic: "M12 15a3.5 3.5 0 0 0 3.5-3.5v-5a3.5 3.5 0 0 0-7 0v5A3.5 3.5 0 0 0 12 15zM5 11.5a7 7 0 0 0 14 0M12 18.5V22",
  "mic-off":
    "M8.5 8.5v3a3.5 3.5 0 0 0 5.6 2.8M15.5 10.5v-4a3.5 3.5 0 0 0-6.7-1.4M5 11.5a7 7 0 0 0 10.8 5.9M19 11.5a7 7 0 0 1-.7 3M12 18.5V22M3 3l18 18",
  camera:
    "M3 7.5A1.5 1.5 0 0 1 4.5 6h9A1.5 1.5 0 0 1 15 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16.5zM15 10.5l6-3.5v10l-6-3.5",
  "camera-off":
    "M9 6h4.5A1.5 1.5 0 0 1 15 7.5V12M15 15.5v1a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 3 16.5v-9A1.5 1.5 0 0 1 4.5 6M15 10.5l6-3.5v10l-3-1.8M3 3l18 18",
  flip: "M4 9a8 8 0 0 1 14-3l2 2M20 4v4h-4M20 15a8 8 0 0 1-14 3l-2-2M4 20v-4h4",
  chat: "M4 5.5h16v11H11l-5 4v-4H4z",
  letter: "M6 3.5h8.5L19 8v12.5H6zM14 3.5V8.5h5M9 12.5h7M9 16h7",
  folder: "M3.5 6.5h6l2 2.5h9v10h-17z",
  photo: "M4 7.5h3.5L9 5h6l1.5 2.5H20v11.5H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  leave: "M14 4.5H5v15h9M10 12h11M17.5 8.5L21 12l-3.5 3.5",
  hand: "M8 12V5.5a1.5 1.5 0 0 1 3 0V11M11 11V4a1.5 1.5 0 0 1 3 0v7M14 11V5.5a1.5 1.5 0 0 1 3 0V15c0 4-2.5 6-5.5 6-3 0-4.5-1.5-6-4.5L4 13.5c-.7-1.6 1-2.7 2.2-1.6L8 14",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.2M18 14a6.5 6.5 0 0 1 3.5 6",
  lock: "M6 11h12v9.5H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11",
  unlock: "M6 11h12v9.5H6zM8.5 11V7.5a3.5 3.5 0 0 1 6.8-1.2",
  screen: "M3 5h18v11.5H3zM8.5 20.5h7M12 16.5v4",
  warn: "M12 3.5L22 20.5H2zM12 10v5M12 17.7v.3",
  info: "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19zM12 11v5.5M12 7.5v.3",
  check: "M4.5 12.5l5 5 10-11",
  close: "M5.5 5.5l13 13M18.5 5.5l-13 13",
  back: "M14.5 5L7.5 12l7 7",
  next: "M9.5 5l7 7-7 7",
  plus: "M12 5v14M5 12h14",
  edit: "M4 20l1-4L16.5 4.5l3 3L8 19z",
  trash: "M4.5 6.5h15M9.5 6.5v-3h5v3M6.5 6.5l1 14h9l1-14",
  copy: "M8.5 8.5h11v12h-11zM15.5 8.5v-5h-11v12h4",
  save: "M12 3.5v11M7.5 10.5L12 15l4.5-4.5M4.5 17v3.5h15V17",
  print: "M7 8.5v-5h10v5M7 17H4V8.5h16V17h-3M7 14h10v6.5H7z",
  send: "M3.5 11.5L20.5 4l-6 16.5-3.5-6.5z",
  sound: "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15.5 9a4 4 0 0 1 0 6M18 6.5a7.5 7.5 0 0 1 0 11",
  signal: "M4 20v-4M10 20v-8M16 20v-4.5M13.5 4.5l7 7M20.5 4.5l-7 7",
  clock: "M12 21.5a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19zM12 6.5V12l4 2.5",
  out: "M13.5 4.5H19.5V10.5M19.5 4.5L11 13M17 14v5.5H4.5V7H10",
  search: "M10.5 17.5a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM15.8 15.8l5 5",
  menu: "M4 6.5h16M4 12h16M4 17.5h16",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
