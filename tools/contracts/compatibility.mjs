/**
 * What of a current AsyncAPI document breaks those who rely on an earlier one; a line for each, empty when nothing does.
 *
 * Events are read by programs of the last release, and events of the last release are kept and read by today's programs.
 * A schema may therefore neither widen nor narrow: new topics and new optional fields are all that may be added.
 */
export function findBreakingChanges(baseline, current) {
  return Object.keys(baseline.channels).flatMap((topic) => {
    if (current.channels[topic] === undefined) return [`${topic}: the topic is gone, and its consumers still read it`];
    const breaks = [
      ...channelBreaks(baseline.channels[topic], current.channels[topic]),
      ...messageBreaks(topic, baseline, current),
    ];
    return breaks.map((text) => `${topic}: ${text}`);
  });
}

function channelBreaks(before, now) {
  const was = before.bindings.kafka;
  const is = now.bindings.kafka;
  const policyWas = String(was.topicConfiguration['cleanup.policy']);
  const policyIs = String(is.topicConfiguration['cleanup.policy']);
  return [
    ...(before['x-ecolink-key'] === now['x-ecolink-key']
      ? []
      : [`the key was ${before['x-ecolink-key']} and is ${now['x-ecolink-key']}: events that belong together lose their order`]),
    ...(was.partitions === is.partitions
      ? []
      : [`there were ${was.partitions} partitions and are ${is.partitions}: keys move, and lose their order`]),
    ...(policyWas === policyIs ? [] : [`cleanup.policy was ${policyWas} and is ${policyIs}`]),
    ...retentionBreaks(was.topicConfiguration['retention.ms'], is.topicConfiguration['retention.ms']),
  ];
}

function retentionBreaks(wasMs, isMs) {
  return wasMs !== undefined && isMs !== undefined && isMs < wasMs
    ? [`events were kept for ${wasMs} ms and are for ${isMs}: who starts over would miss some`]
    : [];
}

function messageBreaks(topic, baseline, current) {
  const before = baseline.components;
  const now = current.components;
  return [
    ...schemaBreaks('headers', before.messages[topic].headers, now.messages[topic].headers),
    ...schemaBreaks('data', before.schemas[topic], now.schemas[topic]),
  ];
}

/** Compares what may stand at one place; a nullable string, for one, is a string or null. */
function schemaBreaks(path, before, now) {
  const pairs = new Map(formsOf(before).map((form) => [form, undefined]));
  const added = [];
  for (const form of formsOf(now)) {
    const partner = [...pairs.keys()].find((each) => pairs.get(each) === undefined && each.type === form.type);
    if (partner === undefined) added.push(form);
    else pairs.set(partner, form);
  }
  return [...pairs]
    .flatMap(([was, is]) =>
      is === undefined
        ? [`${path} can no longer be ${nameOf(was)}: events that are kept would be refused`]
        : formBreaks(path, was, is),
    )
    .concat(added.map((form) => `${path} can now be ${nameOf(form)}: readers of the last release do not expect it`));
}

/** `anyOf`, and a list of types, as one schema for each. */
function formsOf(schema) {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(formsOf);
  if (!Array.isArray(schema.type)) return [schema];
  return schema.type.map((type) => (type === 'null' ? { type } : { ...schema, type }));
}

function nameOf(form) {
  return form.type === undefined ? JSON.stringify(form) : String(form.type);
}

const ANNOTATIONS = new Set(['title', 'description', 'examples', 'anyOf', 'type']);

function formBreaks(path, before, now) {
  const keywords = new Set([...Object.keys(before), ...Object.keys(now)].filter((keyword) => !ANNOTATIONS.has(keyword)));
  return [...keywords].flatMap((keyword) => keywordBreaks(path, keyword, before, now));
}

function keywordBreaks(path, keyword, before, now) {
  const was = before[keyword];
  const is = now[keyword];
  if (keyword === 'properties') return fieldBreaks(path, before, now);
  // Said of each field.
  if (keyword === 'required') return [];
  if (keyword === 'enum' && was !== undefined && is !== undefined) return valueBreaks(path, was, is);
  if (keyword === 'items' && isSchema(was) && isSchema(is)) return schemaBreaks(`${path}[]`, was, is);
  if (keyword === 'additionalProperties' && isSchema(was) && isSchema(is)) return schemaBreaks(`${path}.*`, was, is);
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  return [
    `${path}: ${keyword} was ${asText(was)} and is ${asText(is)}: events that are kept, or readers of the last release, go by what it was`,
  ];
}

function fieldBreaks(path, before, now) {
  const was = before.properties ?? {};
  const is = now.properties ?? {};
  const added = Object.keys(is).filter((name) => was[name] === undefined && isRequired(now, name));
  return [
    ...Object.keys(was).flatMap((name) => {
      const place = `${path}.${name}`;
      if (is[name] === undefined) return [`${place} is gone, and readers of the last release expect it`];
      return [
        ...presenceBreaks(place, isRequired(before, name), isRequired(now, name)),
        ...schemaBreaks(place, was[name], is[name]),
      ];
    }),
    ...added.map((name) => `${path}.${name} is new and required: events that are kept lack it`),
  ];
}

function presenceBreaks(place, wasRequired, isNowRequired) {
  if (wasRequired === isNowRequired) return [];
  return isNowRequired
    ? [`${place} was optional and is required: events that are kept may lack it`]
    : [`${place} was required and is optional: readers of the last release rely on it`];
}

function valueBreaks(path, was, is) {
  return [
    ...was
      .filter((value) => !is.includes(value))
      .map((value) => `${path} can no longer be "${value}": events that are kept would be refused`),
    ...is
      .filter((value) => !was.includes(value))
      .map((value) => `${path} can now be "${value}": readers of the last release do not know it`),
  ];
}

function isRequired(schema, name) {
  return schema.required?.includes(name) ?? false;
}

function isSchema(value) {
  return typeof value === 'object' && value !== null;
}

function asText(value) {
  return value === undefined ? 'not given' : JSON.stringify(value);
}
