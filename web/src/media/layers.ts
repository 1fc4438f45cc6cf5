// In how many sizes a camera is sent at once. The server gives each receiver the size that fits; a small
// camera isn't worth more than one or two. Ids are the smallest size's first, as the server names layers.
//
// Pure.

/** The encodings of a camera whose pictures have so many lines. */
export function encodings(height: number, simulcast: boolean): RTCRtpEncodingParameters[] {
  if (!simulcast || height <= 240) return [{ maxBitrate: 700_000 }];
  if (height <= 480) return [layer("0", 2, 160_000), layer("1", 1, 600_000)];
  return [layer("0", 4, 120_000), layer("1", 2, 350_000), layer("2", 1, 900_000)];
}

function layer(rid: string, scaleResolutionDownBy: number, maxBitrate: number): RTCRtpEncodingParameters {
  return { rid, scaleResolutionDownBy, maxBitrate };
}
