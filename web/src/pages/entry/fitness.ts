// Whether this browser can take part, and what it is. Capability first; the name of an app only
// explains why something is missing.

export type Missing = "secure" | "webrtc" | "media" | "crypto" | "storage";

/** What this browser lacks, in the order in which to say it. */
export function missing(): Missing[] {
  const lacks: Missing[] = [];
  if (!window.isSecureContext) lacks.push("secure");
  if (typeof RTCPeerConnection !== "function" || !("addTransceiver" in RTCPeerConnection.prototype))
    lacks.push("webrtc");
  if (typeof navigator.mediaDevices?.getUserMedia !== "function") lacks.push("media");
  if (typeof crypto?.subtle?.generateKey !== "function") lacks.push("crypto");
  if (typeof indexedDB === "undefined" || indexedDB === null) lacks.push("storage");
  return lacks;
}

const APPS: [RegExp, string][] = [
  [/MicroMessenger/i, "wechat"],
  [/\bQQ\//i, "qq"],
  [/AlipayClient/i, "alipay"],
  [/DingTalk/i, "dingtalk"],
  [/Weibo/i, "weibo"],
];

/** The app whose built-in browser this is, if it is one. */
export function insideApp(agent = navigator.userAgent): string | null {
  return APPS.find(([sign]) => sign.test(agent))?.[1] ?? null;
}

const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger\/([\d.]+)/, "WeChat"],
  [/Edg(?:A|iOS)?\/([\d.]+)/, "Edge"],
  [/HuaweiBrowser\/([\d.]+)/, "Huawei Browser"],
  [/MiuiBrowser\/([\d.]+)/, "Mi Browser"],
  [/Firefox\/([\d.]+)/, "Firefox"],
  [/(?:Chrome|CriOS)\/([\d.]+)/, "Chrome"],
  [/Version\/([\d.]+).*Safari/, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** `Chrome 120, Android`: for the mediator, who admits people. At most 120 characters. */
export function browserName(agent = navigator.userAgent): string {
  const browser = BROWSERS.map(([sign, name]) => {
    const hit = sign.exec(agent);
    return hit ? `${name} ${hit[1]?.split(".")[0]}` : null;
  }).find(Boolean);
  const system = SYSTEMS.find(([sign]) => sign.test(agent))?.[1];
  return [browser ?? "?", system].filter(Boolean).join(", ").slice(0, 120);
}
