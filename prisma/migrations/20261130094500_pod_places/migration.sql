-- Where pods are reached: resolved address and port in one spelling ("host" stands for all addresses of this host).
-- Rows of drivers' own pods are written from observations, those of external pods with the pods.
CREATE TABLE pod_places (
  instance_id bigint NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
  region      text   NOT NULL,
  pod_id      text   NOT NULL,
  place       text   NOT NULL,
  PRIMARY KEY (instance_id, region, pod_id, place)
);
CREATE INDEX pod_places_by_place ON pod_places (place);

-- Pods that were stored before this table: IPv4 literals, as they stand in the URL. Names are resolved when they are stored anew.
INSERT INTO pod_places (instance_id, region, pod_id, place)
SELECT pods.instance_id, pods.region, pods.id,
       CASE WHEN parts.host LIKE '127.%' THEN 'host' ELSE parts.host END || ':' ||
       coalesce(parts.port, CASE parts.scheme WHEN 'https' THEN '443' ELSE '80' END)
FROM deployment_pods AS pods
CROSS JOIN LATERAL (
  SELECT matched[1] AS scheme, matched[2] AS host, matched[3] AS port
  FROM regexp_matches(pods.url, '^(https?)://([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)(?::([0-9]+))?(?:/|$)') AS matched
) AS parts
JOIN instances ON instances.id = pods.instance_id AND instances.state <> 'terminated';
