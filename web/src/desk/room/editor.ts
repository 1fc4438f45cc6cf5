// Keeps the mediator's rows and the server's draft in step: what is typed is sent 400 ms after the last
// key, on the revision it was made on. Nothing typed is lost: rows live in the page's storage until the
// draft has them, and a draft changed elsewhere is taken over only where nothing is unsent.
import { effect, type Signal, signal } from "@preact/signals";
import { dayOf } from "../../i18n/dates";
import type { Session } from "../../protocol/session";
import { Closed, Refused } from "../../protocol/socket";
import type { Term } from "../../protocol/types";
import { newRow, type Row, rowOf, sameTerms, termsOf } from "./draft";

const PAUSE_MS = 400;

/** saved: the parties see what stands here. */
export type EditState = "saved" | "typing" | "sending" | "failed";

export class Editor {
  readonly rows: Signal<Row[]>;
  readonly state: Signal<EditState> = signal("saved");
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending: Promise<boolean> | null = null;
  private readonly stop: () => void;

  constructor(private readonly session: Session) {
    this.rows = signal(this.restored() ?? []);
    if (this.rows.value.length > 0) this.state.value = "typing";
    this.stop = effect(() => this.adopt(session.view.value?.draft?.terms));
  }

  close(): void {
    clearTimeout(this.timer);
    this.stop();
  }

  today(): string {
    return dayOf(this.session.now());
  }

  add(row: Row = newRow()): void {
    this.edit([...this.rows.value, row]);
  }

  change(id: number, part: Partial<Row>): void {
    this.edit(this.rows.value.map((row) => (row.id === id ? { ...row, ...part } : row)));
  }

  remove(id: number): void {
    this.edit(this.rows.value.filter((row) => row.id !== id));
  }

  /** Moves a row up or down by one. */
  move(id: number, by: -1 | 1): void {
    const rows = [...this.rows.value];
    const at = rows.findIndex((row) => row.id === id);
    const [one, other] = [rows[at], rows[at + by]];
    if (!one || !other) return;
    rows[at] = other;
    rows[at + by] = one;
    this.edit(rows);
  }

  /** Sends at once what was typed. True when the parties see it. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    if (this.sending) await this.sending;
    if (this.state.value === "saved") return true;
    this.sending = this.send();
    const done = await this.sending;
    this.sending = null;
    return done;
  }

  private edit(rows: Row[]): void {
    this.rows.value = rows;
    this.state.value = "typing";
    this.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), PAUSE_MS);
  }

  private async send(again = true): Promise<boolean> {
    const draft = this.session.view.value?.draft;
    if (!draft || !this.session.may("draft_edit")) return false;
    const rows = this.rows.value;
    const terms = termsOf(rows, this.today());
    this.state.value = "sending";
    try {
      if (!sameTerms(terms, draft.terms)) {
        await this.session.command({ do: "draft_edit", rev: draft.rev, terms });
      }
      if (this.rows.value !== rows) {
        this.state.value = "typing";
        return false;
      }
      this.state.value = "saved";
      if (terms.length === rows.length) this.forget();
      return true;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Closed)) throw error;
      // The view with the newer revision comes before the refusal: what was typed goes on top of it.
      if (again && error instanceof Refused && error.error === "stale") return this.send(false);
      this.state.value = "failed";
      return false;
    }
  }

  /** Takes over what the server has, unless something here is unsent or incomplete. */
  private adopt(terms: Term[] | undefined): void {
    if (!terms || this.state.peek() !== "saved") return;
    const rows = this.rows.peek();
    if (!sameTerms(termsOf(rows, this.today()), terms)) this.rows.value = terms.map(rowOf);
  }

  private restored(): Row[] | null {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key()) ?? "null") as Row[] | null;
      return kept?.map((row) => ({ ...row, id: newRow().id })) ?? null;
    } catch {
      return null;
    }
  }

  private keep(): void {
    try {
      sessionStorage.setItem(this.key(), JSON.stringify(this.rows.value));
    } catch {
      // Then it lasts as long as the page.
    }
  }

  private forget(): void {
    try {
      sessionStorage.removeItem(this.key());
    } catch {
      // Nothing was kept either.
    }
  }

  private key(): string {
    return `hejie.desk.draft.${this.session.device}`;
  }
}
