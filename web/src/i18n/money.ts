// Money is an integer number of fen. Figures always carry their unit; where somebody signs, the
// amount also stands in words: Chinese capital figures, which can't be altered by a stroke, or English.
import type { Language } from "../protocol/types";

/** `¥1,280`, `¥1,280.50`. */
export function figures(fen: number): string {
  const sign = fen < 0 ? "−" : "";
  const [yuan, rest] = split(Math.abs(fen));
  const whole = String(yuan).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}¥${whole}${rest ? `.${String(rest).padStart(2, "0")}` : ""}`;
}

/** `壹仟贰佰捌拾元整` or `one thousand two hundred and eighty yuan`. */
export function words(fen: number, language: Language): string {
  return language === "zh" ? capitals(fen) : english(fen);
}

/** The figures without sign or separators, as typed in a form: `1280.50`. */
export function typed(fen: number): string {
  const [yuan, rest] = split(fen);
  return rest ? `${yuan}.${String(rest).padStart(2, "0")}` : String(yuan);
}

/** What somebody typed, in fen; null when it is no amount of at most two decimals. */
export function parse(text: string): number | null {
  const plain = text
    .trim()
    .replace(/^[¥￥]/, "")
    .replace(/[,，\s]/g, "")
    .replace(/元$/, "");
  const hit = /^(\d{1,11})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!hit) return null;
  return Number(hit[1]) * 100 + Number((hit[2] ?? "").padEnd(2, "0"));
}

function split(fen: number): [number, number] {
  return [Math.floor(fen / 100), fen % 100];
}

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
const GROUPS = ["", "万", "亿", "万亿"];

/** Chinese capital figures by the rules for cheques (《支付结算办法》 annex 1). */
export function capitals(fen: number): string {
  if (fen < 0) return `负${capitals(-fen)}`;
  const [yuan, rest] = split(fen);
  const jiao = Math.floor(rest / 10);
  const last = rest % 10;
  const whole = yuan ? `${integer(yuan)}元` : rest ? "" : "零元";
  if (!rest) return `${whole}整`;
  const tenths = jiao ? `${DIGITS[jiao]}角` : yuan ? "零" : "";
  return `${whole}${tenths}${last ? `${DIGITS[last]}分` : "整"}`;
}

function integer(yuan: number): string {
  const groups: number[] = [];
  for (let left = yuan; left > 0; left = Math.floor(left / 10000)) groups.push(left % 10000);
  let out = "";
  let gap = false;
  for (let i = groups.length - 1; i >= 0; i--) {
    const group = groups[i] ?? 0;
    if (!group) {
      gap = out !== "";
      continue;
    }
    if (out && (gap || group < 1000)) out += "零";
    out += thousands(group) + GROUPS[i];
    gap = false;
  }
  return out;
}

function thousands(group: number): string {
  let out = "";
  let zero = false;
  for (let place = 3; place >= 0; place--) {
    const digit = Math.floor(group / 10 ** place) % 10;
    if (digit) {
      out += (zero && out ? "零" : "") + DIGITS[digit] + PLACES[place];
      zero = false;
    } else zero = true;
  }
  return out;
}

const ONES =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );
const TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const SCALES: [number, string][] = [
  [1e9, "billion"],
  [1e6, "million"],
  [1e3, "thousand"],
];

export function english(fen: number): string {
  if (fen < 0) return `minus ${english(-fen)}`;
  const [yuan, rest] = split(fen);
  const whole = yuan || !rest ? `${count(yuan)} yuan` : "";
  const part = rest ? `${count(rest)} fen` : "";
  return whole && part ? `${whole} and ${part}` : whole || part;
}

function count(n: number): string {
  if (n < 20) return ONES[n] ?? "";
  if (n < 100) return `${TENS[Math.floor(n / 10)]}${n % 10 ? `-${ONES[n % 10]}` : ""}`;
  if (n < 1000) return `${ONES[Math.floor(n / 100)]} hundred${n % 100 ? ` and ${count(n % 100)}` : ""}`;
  const [scale, name] = SCALES.find(([size]) => n >= size) ?? [1e3, "thousand"];
  const rest = n % scale;
  const joint = rest > 0 && rest < 100 ? " and " : " ";
  return `${count(Math.floor(n / scale))} ${name}${rest ? joint + count(rest) : ""}`;
}
