// One video track in the page. Play is called from script, because phones otherwise show nothing.
import { useEffect, useRef } from "preact/hooks";

export function Picture(props: {
  track: MediaStreamTrack;
  mirrored?: boolean;
  label: string;
  contain?: boolean;
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
  const classes = [
    "picture",
    props.mirrored ? "picture--mirrored" : "",
    props.contain ? "picture--whole" : "",
  ];
  return <video ref={video} class={classes.join(" ")} muted autoplay playsInline aria-label={props.label} />;
}
