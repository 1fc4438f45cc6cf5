// At what height each receiving slot is shown, told to the server, so that it sends no more than can be
// seen. Pages put their video elements here while they stand; a hidden page shows nothing.
//
// What always holds: a slot nobody shows is told as 0; two tellings are half a second apart.
import type { Shown as Entry } from "../protocol/frames";

const APART_MS = 500;
/** Layout settles before the first look. */
const SETTLE_MS = 60;
/** Heights below this differ by too little to be worth telling. */
const STEP = 8;

export class Shown {
  private readonly elements = new Map<HTMLVideoElement, number>();
  /** Elements scrolled out of sight. */
  private readonly away = new Set<Element>();
  private told = new Map<number, number>();
  private toldAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly sizes =
    typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => this.due());
  private readonly places =
    typeof IntersectionObserver === "undefined"
      ? null
      : new IntersectionObserver((seen) => {
          for (const one of seen) {
            if (one.isIntersecting) this.away.delete(one.target);
            else this.away.add(one.target);
          }
          this.due();
        });

  constructor(
    private readonly tell: (slots: Entry[]) => void,
    private slots = 0,
  ) {}

  /** A new connection knows nothing yet: tells all of its slots. */
  begin(slots: number): void {
    this.slots = slots;
    this.told = new Map();
    document.addEventListener("visibilitychange", this.due);
    this.due();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.slots = 0;
    document.removeEventListener("visibilitychange", this.due);
  }

  /** This element shows that slot until the result is called. */
  watch(element: HTMLVideoElement, slot: number): () => void {
    this.elements.set(element, slot);
    this.sizes?.observe(element);
    this.places?.observe(element);
    element.addEventListener("resize", this.due);
    this.due();
    return () => {
      this.elements.delete(element);
      this.away.delete(element);
      this.sizes?.unobserve(element);
      this.places?.unobserve(element);
      element.removeEventListener("resize", this.due);
      this.due();
    };
  }

  private readonly due = (): void => {
    if (this.timer !== undefined || this.slots === 0) return;
    const wait = Math.max(SETTLE_MS, this.toldAt + APART_MS - Date.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.look();
    }, wait);
  };

  private look(): void {
    const now = new Map<number, number>();
    if (document.visibilityState !== "hidden") {
      for (const [element, slot] of this.elements) {
        if (!this.away.has(element)) now.set(slot, Math.max(now.get(slot) ?? 0, heightOf(element)));
      }
    }
    const news: Entry[] = [];
    for (let slot = 0; slot < this.slots; slot++) {
      const height = now.get(slot) ?? 0;
      if (this.told.get(slot) === height) continue;
      this.told.set(slot, height);
      news.push([slot, height]);
    }
    if (news.length === 0) return;
    this.toldAt = Date.now();
    this.tell(news);
  }
}

function heightOf(element: HTMLVideoElement): number {
  const { clientWidth, clientHeight, videoWidth, videoHeight } = element;
  const whole = getComputedStyle(element).objectFit === "contain";
  const shape = videoWidth > 0 ? videoHeight / videoWidth : 3 / 4;
  return pictureHeight(clientWidth, clientHeight, shape, whole, devicePixelRatio);
}

/**
 * The height, in device pixels, that a picture has in a box: `shape` is its height by its width; it fits
 * in whole, or covers the box and is cut.
 */
export function pictureHeight(
  width: number,
  height: number,
  shape: number,
  whole: boolean,
  ratio: number,
): number {
  const across = width * shape;
  const lines = (whole ? Math.min(height, across) : Math.max(height, across)) * ratio;
  return width === 0 || height === 0 ? 0 : Math.min(4320, Math.ceil(lines / STEP) * STEP);
}
