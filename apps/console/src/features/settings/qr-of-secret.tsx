import { text } from '../../text/index.js';
import { QrCode } from '../../ui/qr-code.js';

/** Loaded with the dialog alone. */
export default function QrOfSecret({ url }: { readonly url: string }) {
  return <QrCode value={url} label={text.settings.totp.qr} />;
}
