// Frames that the server's generated types don't name yet. Goes when they do.
import type { MediaSetup, PersonId } from "./types";

export type Grade = "good" | "fair" | "poor" | "lost";
export type Reason = "none" | "loss" | "delay" | "narrow" | "silent";
/** What pictures the server sends to somebody: all, smaller ones, or none, to keep the sound. */
export type Video = "full" | "reduced" | "off";

/** How good somebody's line is, and why. */
export interface Quality {
  grade: Grade;
  reason: Reason;
  video: Video;
}

export interface IceServer {
  urls: string[];
  username: string;
  credential: string;
}

export type Setup = Pick<MediaSetup, "audio_slots" | "video_slots"> & {
  ice_servers?: IceServer[];
  simulcast?: boolean;
};

/** Not numbered and not repeated: what was missed while away has passed. */
export type Passing =
  | { type: "line"; quality: Quality; of: PersonId | null }
  | { type: "echo"; of: PersonId };

export type Shown = [slot: number, height: number];

export type Sent =
  | { type: "offer"; id: string; sdp: string; restart?: boolean }
  | { type: "show"; slots: Shown[] };
