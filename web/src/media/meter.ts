// The level of a track, for a meter that people read: ten times a second, in few steps, so that what
// stands still draws nothing.

const LOOK_MS = 100;
const STEPS = 12;

/** Tells the level (0 to 1) of a track until the result is called. */
export function listen(track: MediaStreamTrack, tell: (level: number) => void): () => void {
  const Context =
    window.AudioContext ??
    (window as unknown as { webkitAudioContext?: typeof AudioContext }).webkitAudioContext;
  if (!Context) return () => undefined;
  const context = new Context();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Uint8Array(analyser.fftSize);
  const timer = setInterval(() => {
    // "suspended" before the first tap; "interrupted" on iOS while somebody calls.
    if (context.state !== "running") void context.resume().catch(() => undefined);
    analyser.getByteTimeDomainData(samples);
    tell(levelOf(samples));
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    tell(0);
    void context.close().catch(() => undefined);
  };
}

/** Loudness of eight-bit samples as people hear it: a whisper already moves the meter. */
export function levelOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += ((samples[i] ?? 128) - 128) ** 2;
  const loudness = Math.sqrt(sum / samples.length) / 128;
  return Math.round(Math.min(1, loudness * 5) * STEPS) / STEPS;
}
