import { encode } from 'uqr';
import styles from './qr-code.module.css';

interface QrCodeProps {
  readonly value: string;
  readonly label: string;
}

/** A value for a camera, drawn here: dark on light in both schemes, as scanners want it. */
export function QrCode({ value, label }: QrCodeProps) {
  const { data, size } = encode(value, { ecc: 'M', border: 2 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return (
    <svg className={styles.code} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <path d={path} />
    </svg>
  );
}
