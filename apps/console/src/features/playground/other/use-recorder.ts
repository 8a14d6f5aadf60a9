import { useEffect, useRef, useState } from 'react';

/** Records the microphone into a file. The browser asks for leave; without it `refused` is set. */
export function useRecorder(onFile: (file: File) => void) {
  const [recording, setRecording] = useState(false);
  const [refused, setRefused] = useState(false);
  const recorder = useRef<MediaRecorder>(null);
  const stop = (): void => recorder.current?.stop();
  const start = (): void => {
    setRefused(false);
    void record().catch(() => setRefused(true));
  };
  const record = async (): Promise<void> => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const made = new MediaRecorder(stream);
    const parts: Blob[] = [];
    made.ondataavailable = ({ data }) => parts.push(data);
    made.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      setRecording(false);
      onFile(new File(parts, 'recording.webm', { type: made.mimeType }));
    };
    recorder.current = made;
    made.start();
    setRecording(true);
  };
  useEffect(() => () => recorder.current?.stream.getTracks().forEach((track) => track.stop()), []);
  return { recording, refused, start, stop };
}
