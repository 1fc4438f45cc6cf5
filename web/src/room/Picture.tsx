// One video track in the page. Play is called from script, because phones otherwise show nothing.
import { useEffect, useRef } from "preact/hooks";
import type { Shown } from "../media/shown";

export function Picture(props: {
  track: MediaStreamTrack;
  mirrored?: boolean;
  label: string;
  contain?: boolean;
  /** Received in this slot: the server is told how large it is shown. */
  shown?: Shown;
  slot?: number | null;
}) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = new MediaStream([props.track]);
    const play = () => void element.play().catch(() => undefined);
    play();
    document.addEventListener("visibilitychange", play);
    return () => {
      document.removeEventListener("visibilitychange", play);
      element.srcObject = null;
    };
  }, [props.track]);
  useEffect(() => {
    const { shown, slot } = props;
    if (video.current && shown && typeof slot === "number") return shown.watch(video.current, slot);
  }, [props.shown, props.slot]);
  const classes = [
    "picture",
    props.mirrored ? "picture--mirrored" : "",
    props.contain ? "picture--whole" : "",
  ];
  return <video ref={video} class={classes.join(" ")} muted autoplay playsInline aria-label={props.label} />;
}
