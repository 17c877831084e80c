/// What every configuration of a node must have.
let leastConfiguration = """
    cluster_id: local
    node_id: 1
    data_directory: /var/lib/redoubt
    peers: { 1: "127.0.0.1:7101" }
    gateway: { listen: "127.0.0.1:8441", certificate: node.crt, private_key: node.key }
    tls: { certificate: node.crt, private_key: node.key, authority: ca.crt }
    postgres: postgresql://redoubt@127.0.0.1/redoubt
    sealing_key: sealing.key
    tokens: { hs256_secret: token.secret, issuer: redoubt }

    """
