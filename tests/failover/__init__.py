"""PostgreSQL under Patroni with etcd and HAProxy, and Promint on machines of its own: what happens
to claims when the primary server fails. Run with `make failover`, as root: each machine is a
network namespace."""
