import { buildAsyncApi, TOPICS } from '@ecolink/contracts';
import { toMessage } from './cloud-event-message.js';

// Looked into field by field.
type Json = ReturnType<typeof JSON.parse>;

const { messages }: Json = JSON.parse(JSON.stringify(buildAsyncApi())).components;

describe.each(TOPICS.map(({ name }) => [name]))('a record of %s', (topic) => {
  it('has exactly the headers that the AsyncAPI document promises', () => {
    const event = { id: 'evt_1', source: 'router/router-1', topic, key: 'k', occurredAt: new Date(0), data: {} };
    const { headers = {} } = toMessage(event, 0);
    const promised = messages[topic].headers;
    expect(Object.keys(headers).sort()).toEqual([...promised.required].sort());
    for (const [name, schema] of Object.entries<Json>(promised.properties))
      expect([name, headers[name]]).toEqual([name, schema.const ?? expect.any(String)]);
  });
});
