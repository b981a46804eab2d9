# The agent: Seawall and MySQL's own clients, for what copies databases to another cloud (`recovery:`, `kind:
# backup-instance`). Push it as <platform>-<environment>/seawall-agent, under the tag that the compiled manifests name.
FROM public.ecr.aws/docker/library/mysql:8.4.7
# The distribution takes a version away once there is a newer one, so a pinned one would soon not build any more.
# hadolint ignore=DL3041
RUN microdnf install -y python3.12 python3.12-pip && microdnf clean all
WORKDIR /usr/src/seawall
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src src
RUN python3.12 -m pip install --no-cache-dir -c constraints.txt '.[agent]'
ADD --chmod=0444 https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem /etc/ssl/rds/global-bundle.pem
WORKDIR /tmp
USER 10001
ENTRYPOINT ["/usr/local/bin/seawall"]
