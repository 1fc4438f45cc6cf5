// Names for parts of the generated frames.
import type { Event, FromClient, MediaSetup } from "./types";

export type { IceServer, Quality, Video } from "./types";
/** What a peer connection is made from. */
export type Setup = Partial<MediaSetup> & Pick<MediaSetup, "audio_slots" | "video_slots">;

/** Not numbered and not repeated: what was missed while away has passed. */
export type Passing = Extract<Event, { type: "line" | "echo" }>;

export type Sent = Extract<FromClient, { type: "offer" | "show" }>;

export type Shown = Extract<FromClient, { type: "show" }>["slots"][number];
