// In how many sizes a camera is sent at once. The server gives each receiver the size that fits; a small
// camera isn't worth more than one or two. Ids are the smallest size's first, as the server names layers.
//
// Pure.

/** From so many pixels on, browsers really send three sizes, or two; below they drop the largest. */
const THREE = 960 * 540;
const TWO = 480 * 270;

/** The encodings of a camera whose pictures have so many pixels. */
export function encodings(pixels: number, simulcast: boolean): RTCRtpEncodingParameters[] {
  if (!simulcast || pixels < TWO) return [{ maxBitrate: 700_000 }];
  if (pixels < THREE) return [layer("0", 2, 160_000), layer("1", 1, 600_000)];
  return [layer("0", 4, 120_000), layer("1", 2, 350_000), layer("2", 1, 900_000)];
}

function layer(rid: string, scaleResolutionDownBy: number, maxBitrate: number): RTCRtpEncodingParameters {
  return { rid, scaleResolutionDownBy, maxBitrate };
}
