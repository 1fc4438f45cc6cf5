/** Two soft tones, to hear that the loudspeaker works. Called from a tap, else browsers keep silent. */
export function chime(): void {
  const context = new AudioContext();
  [523, 784].forEach((pitch, i) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + i * 0.28;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.55);
  });
  setTimeout(() => void context.close(), 1500);
}
