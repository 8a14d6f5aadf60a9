import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

/**
 * Encrypts secrets at rest with AES-256-GCM. `place` (such as `pod:pod_1`) is authenticated with the text, so that a
 * ciphertext copied into another row does not open there.
 * Layout: format (1 byte), nonce (12), tag (16), ciphertext.
 */
export class SecretBox {
  constructor(private readonly key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new Error(`the encryption key must have ${KEY_BYTES} bytes, not ${key.length}`);
  }

  seal(text: string, place: string): Uint8Array<ArrayBuffer> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(place));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return new Uint8Array(Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), body]));
  }

  /** Throws when the box was not sealed with this key for this place. */
  open(box: Uint8Array, place: string): string {
    const bytes = Buffer.from(box);
    if (bytes[0] !== FORMAT) throw new Error('unknown format of an encrypted secret');
    const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
    const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(place)).setAuthTag(tag);
    return decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}
