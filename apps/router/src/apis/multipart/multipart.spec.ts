import busboy from 'busboy';
import fc from 'fast-check';
import { FormReading } from './form-reading.js';
import { MultipartScanner } from './multipart-scanner.js';
import { boundaryOf, parsePartHead } from './part-head.js';

const BOUNDARY = '----formdata-7';

interface Part {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly content: Buffer;
}

function bodyOf(parts: readonly Part[], boundary = BOUNDARY): Buffer {
  const pieces = parts.flatMap(({ name, fileName, content }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: application/octet-stream`;
    return [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n`),
      content,
      Buffer.from('\r\n'),
    ];
  });
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

function scan(body: Buffer, cuts: readonly number[], boundary = BOUNDARY): { form: FormReading; scanner: MultipartScanner } {
  const form = new FormReading();
  const scanner = new MultipartScanner(boundary, form);
  let start = 0;
  for (const cut of [...cuts.filter((place) => place < body.length).sort((left, right) => left - right), body.length]) {
    scanner.push(body.subarray(start, cut));
    start = cut;
  }
  return { form, scanner };
}

function readByBusboy(body: Buffer): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    const parser = busboy({ headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` } });
    parser.on('field', (name, value) => {
      if (!fields.has(name)) fields.set(name, value);
    });
    parser.on('file', (_name, stream) => stream.resume());
    parser.on('close', () => resolve(fields)).on('error', reject);
    parser.end(body);
  });
}

// Content that looks like the end of a part, and is none: a boundary never begins a line of content.
const content = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('', '\r\n', `\r\n--${BOUNDARY.slice(0, -1)}`, ` --${BOUNDARY}`, '--', '\r\n\r\n')
    .map((text) => Buffer.from(text)),
);
const part = fc.record({
  name: fc.constantFrom('model', 'prompt', 'language', 'file', 'x y'),
  fileName: fc.option(fc.constantFrom('a.mp3', ''), { nil: undefined }),
  content,
});

describe('MultipartScanner', () => {
  it('finds the same fields as another parser, however the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(400)), async (parts, cuts) => {
        const text = parts.filter(({ fileName, content: value }) => fileName !== undefined || isUtf8(value));
        const body = bodyOf(text);
        const { form, scanner } = scan(body, cuts);
        expect(scanner.problem).toBeUndefined();
        expect(scanner.isComplete).toBe(true);
        expect(new Map(form.fields)).toEqual(await readByBusboy(body));
      }),
      { numRuns: 150 },
    );
  });

  it('tells where the model stands, so that nothing but its value changes', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 3 }), fc.array(fc.nat(600)), (others, cuts) => {
        const rest = others.filter(({ name }) => name !== 'model');
        const model: Part = { name: 'model', fileName: undefined, content: Buffer.from('my-whisper:7') };
        const body = bodyOf([...rest, model]);
        const span = scan(body, cuts).form.model;
        expect(body.toString('latin1', span?.start, span?.end)).toBe('my-whisper:7');
        const renamed = Buffer.concat([body.subarray(0, span?.start), Buffer.from('whisper'), body.subarray(span?.end)]);
        expect(renamed.equals(bodyOf([...rest, { ...model, content: Buffer.from('whisper') }]))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(content, fc.constant(Buffer.from(`\r\n--${BOUNDARY}\r\n`)))), (pieces) => {
        expect(() => scan(Buffer.concat(pieces), [])).not.toThrow();
      }),
    );
  });

  it('knows an empty value, and where it stands', () => {
    const body = bodyOf([{ name: 'model', fileName: undefined, content: Buffer.alloc(0) }]);
    const { model } = scan(body, []).form;
    expect([model?.value, model?.start === model?.end]).toEqual(['', true]);
  });

  it('notices a model that is named twice', () => {
    const model: Part = { name: 'model', fileName: undefined, content: Buffer.from('a') };
    expect(scan(bodyOf([model, model]), []).form.isModelRepeated).toBe(true);
  });

  it('does not take a file for the model', () => {
    expect(scan(bodyOf([{ name: 'model', fileName: 'model', content: Buffer.from('a') }]), []).form.model).toBeUndefined();
  });

  it('says what is wrong with a boundary', () => {
    expect(scan(Buffer.from(`--${BOUNDARY}x\r\n`), []).scanner.problem).toContain('boundary');
  });
});

describe('heads', () => {
  it.each([
    ['Content-Disposition: form-data; name="model"', 'model', undefined],
    ['content-disposition:form-data; name=model', 'model', undefined],
    ['Content-Type: text/plain\r\nContent-Disposition: form-data; name="a\\"b"; filename="x;y.mp3"', 'a"b', 'x;y.mp3'],
    ['Content-Disposition: form-data; name="f"; filename*=utf-8\'\'x.mp3', 'f', "utf-8''x.mp3"],
    ['X-Other: name="model"', undefined, undefined],
  ])('%s', (head, name, fileName) => {
    expect(parsePartHead(head)).toEqual({ name, fileName });
  });

  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b:c"', 'a b:c'],
    ['multipart/form-data', undefined],
    ['multipart/mixed; boundary=abc', undefined],
    ['application/json; boundary=abc', undefined],
  ])('%s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}
