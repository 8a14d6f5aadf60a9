import { topicDeclaration, type TopicDeclaration } from '@ecolink/contracts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Throws for a topic that contracts do not declare: on Kafka it would not exist, and here nobody would ever prune it. */
export function declarationOf(topic: string): TopicDeclaration {
  const declaration = topicDeclaration(topic);
  if (declaration === undefined) throw new Error(`the topic ${topic} is not declared in contracts`);
  return declaration;
}

export function partitionsOf(topics: readonly string[]): readonly TopicPartition[] {
  return topics.flatMap((topic) =>
    Array.from({ length: declarationOf(topic).partitions }, (_, partition) => ({ topic, partition })),
  );
}
