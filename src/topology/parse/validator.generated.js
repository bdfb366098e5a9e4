// Generated from schemas/topology.schema.json by npm run generate; do not edit.

export const validate = validate52;
export default validate52;
const schema19 = {"$schema":"https://json-schema.org/draft/2020-12/schema","title":"nsctl topology","description":"One file describes one topology on one host: network namespaces, the veth pairs and subnets that join them, the ports that are published, and what may talk to what. String values may hold `${VAR}` and `${VAR:-default}`, read from the environment; inside `{ … }` and `[ … ]` such a value must be quoted.","type":"object","additionalProperties":false,"required":["name"],"properties":{"name":{"title":"Topology name","description":"The topology's identity on the host. Two files with one name are two versions of one topology.","$ref":"#/$defs/shortName","examples":["flask"]},"uplinks":{"title":"Uplinks","description":"The host interfaces that lead outside. They are only referred to: never created, deleted, or changed but for forwarding. `default` stands for every interface that carries a default route at plan time. An altname stands for its interface. Empty: no way out.","type":"array","items":{"type":"string","$ref":"#/$defs/uplink"},"uniqueItems":true,"default":[],"examples":[["ens5"],["default"]]},"subnets":{"title":"Subnets","description":"Networks by name. Subnets and namespaces share one space of names.","type":"object","propertyNames":{"$ref":"#/$defs/subnetName"},"additionalProperties":{"$ref":"#/$defs/subnetOrCidr"},"default":{},"examples":[{"web1":"192.168.0.0/24"}]},"namespaces":{"title":"Namespaces","description":"Network namespaces by name, as `ip netns` knows them. Write `{}` for one without settings of its own.","type":"object","propertyNames":{"$ref":"#/$defs/namespaceName"},"additionalProperties":{"$ref":"#/$defs/namespace"},"default":{},"examples":[{"netns1":{}}]},"veths":{"title":"Veth pairs","description":"Virtual cables, each between two ends. A pair's identity is its two (namespace, interface) ends.","type":"array","items":{"$ref":"#/$defs/veth"},"default":[],"examples":[[{"subnet":"web1","ends":["host:veth0","netns1:veth1"]}]]},"forwards":{"title":"Published ports","description":"Ports of the host that lead to a namespace. Two forwards conflict when protocol and port intersect, and address, and uplinks.","type":"array","items":{"$ref":"#/$defs/forward"},"default":[],"examples":[[{"listen":6000,"to":"netns1:8080"}]]},"allow":{"title":"Allowed direct paths","description":"Opens direct paths; without one, namespaces of different subnets, and the outside, are kept apart.","type":"array","items":{"$ref":"#/$defs/allow"},"default":[],"examples":[[{"from":"web1","to":"netns2","protocol":"tcp","ports":[5432]}]]},"host":{"title":"Host settings","description":"What the topology needs of the host itself; given back by destroy.","$ref":"#/$defs/host","examples":[{"forward-policy":"drop"}]},"expect":{"title":"Expectations","description":"What must be reachable, and what must not; checked by `nsctl verify` with real packets.","type":"array","items":{"$ref":"#/$defs/expectation"},"default":[],"examples":[[{"from":"netns1","to":"1.1.1.1:53"},{"from":"netns1","to":"netns2:8080","reachable":false}]]},"accept":{"title":"Accepted findings","description":"Findings of the plan (conflicts, risks) that are known and wanted, as `code:subject`. The same as `--accept`.","type":"array","items":{"type":"string","$ref":"#/$defs/acceptance"},"uniqueItems":true,"default":[],"examples":[["port-held:tcp/6000"]]}},"examples":[{"name":"flask","uplinks":["ens5"],"subnets":{"web1":"192.168.0.0/24","web2":"192.168.1.0/24"},"namespaces":{"netns1":{},"netns2":{}},"veths":[{"subnet":"web1","ends":["host:veth0","netns1:veth1"]},{"subnet":"web2","ends":["host:veth2","netns2:veth3"]}],"forwards":[{"listen":6000,"to":"netns1:8080"},{"listen":6001,"to":"netns2:8080"}]}],"$defs":{"shortName":{"title":"Name","description":"At most 15 lowercase letters, digits and hyphens, beginning with a letter or digit.","type":"string","pattern":"^[a-z0-9][a-z0-9-]{0,14}$","patternErrorMessage":"at most 15 lowercase letters, digits and hyphens, beginning with a letter or digit","examples":["flask","web-2"]},"subnetName":{"title":"Subnet name","description":"At most 15 lowercase letters, digits and hyphens, beginning with a letter or digit; not `host` or `outside`.","type":"string","pattern":"^[a-z0-9][a-z0-9-]{0,14}$","patternErrorMessage":"at most 15 lowercase letters, digits and hyphens, beginning with a letter or digit","not":{"enum":["host","outside"]},"examples":["web1"]},"namespaceName":{"title":"Namespace name","description":"At most 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit; not `host` or `outside`.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$","patternErrorMessage":"at most 64 letters, digits, '.', '_' and '-', beginning with a letter or digit","not":{"enum":["host","outside"]},"examples":["netns1"]},"endNamespace":{"title":"Namespace of an end","description":"A declared namespace, or `host` for the host itself.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$","patternErrorMessage":"the name of a namespace, or host","examples":["netns1","host"]},"interface":{"title":"Interface name","description":"At most 15 letters, digits, `.`, `_` and `-`, beginning with a letter or digit; not `lo`, `all` or `default`.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$","patternErrorMessage":"at most 15 letters, digits, '.', '_' and '-', beginning with a letter or digit","not":{"enum":["lo","all","default"]},"examples":["veth0"]},"uplink":{"title":"Uplink","description":"The name of a host interface, or `default` for every interface that carries a default route at plan time.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$","patternErrorMessage":"at most 15 letters, digits, '.', '_' and '-', beginning with a letter or digit","not":{"enum":["lo","all"]},"examples":["ens5","default"]},"cidr":{"title":"Network","description":"An IPv4 or IPv6 network: address, slash, prefix length.","type":"string","pattern":"^[0-9A-Fa-f:.]+/[0-9]{1,3}$","patternErrorMessage":"a network such as 192.168.0.0/24 or fd00::/64","examples":["192.168.0.0/24","fd00:1::/64"]},"address":{"title":"Address","description":"An IPv4 or IPv6 address without prefix length.","type":"string","pattern":"^[0-9A-Fa-f:.]+$","patternErrorMessage":"an address such as 192.168.0.1 or fd00::1","examples":["192.168.0.1","fd00:1::1"]},"endAddress":{"title":"Address of an end","description":"On a subnet a bare address in it; without a subnet an address with prefix length.","type":"string","pattern":"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$","patternErrorMessage":"an address such as 192.168.0.2, or without a subnet 192.168.0.2/24","examples":["192.168.0.2","10.0.0.1/30"]},"subnetOrCidr":{"title":"Subnet","description":"A network, or an object where more is to be said than the network.","anyOf":[{"$ref":"#/$defs/cidr"},{"$ref":"#/$defs/subnet"}],"examples":["192.168.0.0/24",{"cidr":"192.168.0.0/24","mtu":1400}]},"subnet":{"title":"Subnet object","description":"A network with settings of its own.","type":"object","additionalProperties":false,"required":["cidr"],"properties":{"cidr":{"title":"Networks","description":"One network, or one IPv4 and one IPv6 network. In /31 and /127 both addresses are usable; /32 and /128 are errors.","anyOf":[{"$ref":"#/$defs/cidr"},{"type":"array","items":{"type":"string","$ref":"#/$defs/cidr"},"minItems":1,"maxItems":2}],"examples":["192.168.0.0/24",["192.168.0.0/24","fd00:1::/64"]]},"gateway":{"title":"Gateway","description":"The host's address in the subnet, one per family; default: the first usable address of each network. `none` (with `bridge`): a pure layer-2 segment without the host in it. On a subnet whose pair joins two namespaces no address is reserved, and no gateway can be given.","anyOf":[{"type":"string","pattern":"^(none|[0-9A-Fa-f:.]+)$","patternErrorMessage":"an address in the subnet, or none"},{"type":"array","items":{"type":"string","$ref":"#/$defs/address"},"minItems":1,"maxItems":2}],"examples":["192.168.0.254","none"]},"bridge":{"title":"Bridge","description":"Makes the subnet a shared segment: a Linux bridge of this name on the host carries the gateway address, and every host end of its veths is a port of it. Without it a subnet holds exactly one veth pair.","$ref":"#/$defs/interface","examples":["br-web"]},"uplinks":{"title":"Uplinks of the subnet","description":"Through which of the topology's uplinks the subnet may leave; default: all. `[]`: no way out.","type":"array","items":{"type":"string","$ref":"#/$defs/uplink"},"uniqueItems":true,"examples":[["ens5"],[]]},"masquerade":{"title":"Masquerade","description":"Whether what leaves bears the uplink's address, or for which families; default: IPv4 and unique-local IPv6 (fc00::/7) yes, global IPv6 no. Not masqueraded means routed with source addresses kept; it never opens anything inbound.","anyOf":[{"type":"boolean"},{"type":"array","items":{"type":"string","enum":["ipv4","ipv6"]},"uniqueItems":true}],"examples":[true,["ipv4"]]},"host-access":{"title":"Host access","description":"Whether the namespaces may talk to services on the host. `false`: only published ports, ICMP, and replies.","type":"boolean","default":true,"examples":[false]},"mtu":{"title":"MTU","description":"For every link of the subnet; a veth's own `mtu` wins. With IPv6 at least 1280. Default: the kernel's.","$ref":"#/$defs/mtu","examples":[1400]}},"examples":[{"cidr":"192.168.0.0/24","gateway":"192.168.0.254"}]},"mtu":{"title":"MTU","description":"Bytes in a packet, 68 to 65535; with IPv6 at least 1280.","type":"integer","minimum":68,"maximum":65535,"examples":[1400]},"namespace":{"title":"Namespace","description":"Settings of one namespace; `{}` for none.","type":"object","additionalProperties":false,"properties":{"nameservers":{"title":"Name servers","description":"Written to `/etc/netns/<name>/resolv.conf`, which `ip netns exec` puts in place. Default: where the host's own resolv.conf names only loopback servers (systemd-resolved), the servers behind those.","type":"array","items":{"type":"string","$ref":"#/$defs/address"},"uniqueItems":true,"examples":[["1.1.1.1"]]},"search":{"title":"Search domains","description":"Domains that short host names are looked up in, written to the same file.","type":"array","items":{"title":"Domain","description":"A domain name.","type":"string","pattern":"^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62}){0,126}\\.?$","patternErrorMessage":"a domain such as example.org","examples":["example.org"]},"uniqueItems":true,"default":[],"examples":[["example.org"]]},"sysctls":{"title":"Sysctls","description":"Kernel settings inside the namespace: `net.*` only, with `.` or `/` as separator. A key removed from the file goes back to its value before. Keys that nsctl manages itself, or that are not per namespace, are errors.","type":"object","additionalProperties":{"$ref":"#/$defs/sysctlValue"},"default":{},"examples":[{"net.ipv4.ip_forward":1}]},"routes":{"title":"Routes","description":"Routes inside the namespace. A default route without metric takes the place of the automatic one of its family.","type":"array","items":{"$ref":"#/$defs/route"},"default":[],"examples":[[{"to":"10.0.0.0/8","via":"192.168.0.254"}]]},"adopt":{"title":"Adopt","description":"Takes over an existing namespace that nsctl did not make: it is marked, and left in place by destroy.","const":true,"examples":[true]}},"examples":[{},{"nameservers":["1.1.1.1"]}]},"sysctlValue":{"title":"Sysctl value","description":"A number, or text as the kernel reads it.","anyOf":[{"type":"integer"},{"type":"string","pattern":"^[\\x21-\\x7e]([\\x20-\\x7e]{0,253}[\\x21-\\x7e])?$","patternErrorMessage":"a number or printable text, at most 255 characters"}],"examples":[1,"1024 65535"]},"route":{"title":"Route","description":"One route; with `via`, `dev` or both, or of a type that drops.","type":"object","additionalProperties":false,"required":["to"],"properties":{"to":{"title":"Destination","description":"A network, or `default`: of `via`'s family, without `via` IPv4.","type":"string","pattern":"^(default|[0-9A-Fa-f:.]+/[0-9]{1,3})$","patternErrorMessage":"a network such as 10.0.0.0/8, or default","examples":["10.0.0.0/8","default"]},"via":{"title":"Next hop","description":"The address of the next router, in a network that the namespace is connected to.","$ref":"#/$defs/address","examples":["192.168.0.254"]},"dev":{"title":"Interface","description":"The interface that the route leaves through; default: the one that `via` is reached on.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$","patternErrorMessage":"at most 15 letters, digits, '.', '_' and '-', beginning with a letter or digit","examples":["eth0"]},"metric":{"title":"Metric","description":"Of several routes to one destination the one with the lowest metric is taken. Default: the kernel's.","type":"integer","minimum":0,"maximum":4294967295,"examples":[100]},"type":{"title":"Type","description":"`blackhole` drops silently, `unreachable` with an ICMP error; both take neither `via` nor `dev`.","type":"string","enum":["unicast","blackhole","unreachable"],"default":"unicast","examples":["blackhole"]}},"examples":[{"to":"10.0.0.0/8","via":"192.168.0.254"},{"to":"10.9.0.0/16","type":"blackhole"}]},"veth":{"title":"Veth pair","description":"A virtual cable between two ends.","type":"object","additionalProperties":false,"required":["ends"],"properties":{"subnet":{"title":"Subnet","description":"The subnet that both ends are in; without one, the ends have only the addresses they name.","$ref":"#/$defs/shortName","examples":["web1"]},"ends":{"title":"Ends","description":"The two ends; at most one of them `host`.","type":"array","items":{"$ref":"#/$defs/end"},"minItems":2,"maxItems":2,"examples":[["host:veth0","netns1:veth1"],["host","netns1"]]},"mtu":{"title":"MTU","description":"For both ends; default: the subnet's.","$ref":"#/$defs/mtu","examples":[1400]},"adopt":{"title":"Adopt","description":"Takes over an existing pair that nsctl did not make: it is marked, and left in place by destroy.","const":true,"examples":[true]}},"examples":[{"subnet":"web1","ends":["host:veth0","netns1:veth1"]}]},"end":{"title":"End of a pair","description":"`namespace:interface`, `namespace`, or an object where more is to be said; `host` is the host itself.","anyOf":[{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[A-Za-z0-9][A-Za-z0-9._-]{0,14})?$","patternErrorMessage":"namespace:interface or namespace; the interface has at most 15 letters, digits, '.', '_' and '-'"},{"$ref":"#/$defs/endObject"}],"examples":["netns1:veth1","host",{"namespace":"netns1","address":"192.168.0.10"}]},"endObject":{"title":"End object","description":"One end of a pair with settings of its own.","type":"object","additionalProperties":false,"required":["namespace"],"properties":{"namespace":{"title":"Namespace","description":"A declared namespace, or `host`.","$ref":"#/$defs/endNamespace","examples":["netns1"]},"interface":{"title":"Interface","description":"Default: `eth0`, `eth1`… inside a namespace; on the host a name derived from the far end.","$ref":"#/$defs/interface","examples":["veth1"]},"address":{"title":"Address","description":"With a subnet bare address(es) in it; without one address(es) with prefix length. Default: the gateway on the host; inside, the lowest free one, kept once it is drawn. `nsctl pin` writes the chosen addresses into the file.","anyOf":[{"$ref":"#/$defs/endAddress"},{"type":"array","items":{"type":"string","$ref":"#/$defs/endAddress"},"minItems":1,"uniqueItems":true}],"examples":["192.168.0.10",["192.168.0.10","fd00:1::10"]]},"mac":{"title":"MAC address","description":"Six bytes in hexadecimal; default: the kernel draws one.","type":"string","pattern":"^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$","patternErrorMessage":"six bytes in hexadecimal such as 02:00:00:00:00:01","examples":["02:00:00:00:00:01"]},"default-route":{"title":"Default route","description":"Whether the namespace's default route goes through this end. Default: per family, its first veth in file order on a subnet whose gateway is on the host. Two that claim it are an error.","type":"boolean","examples":[true]},"rate":{"title":"Rate","description":"What the end may send, in tc's units: bit, kbit, mbit, gbit, tbit (of 1000), kibit… (of 1024), and bps, kbps… in bytes.","type":"string","pattern":"^[0-9]+(\\.[0-9]+)?(([kmgt]i?)?(bit|bps))$","patternErrorMessage":"a number with one of tc's units, such as 10mbit, 500kbit, 1gbit","examples":["10mbit"]}},"examples":[{"namespace":"netns1","interface":"veth1","address":"192.168.0.10"}]},"forward":{"title":"Published port","description":"A port of the host that leads to a namespace.","type":"object","additionalProperties":false,"required":["listen","to"],"properties":{"listen":{"title":"Listen","description":"Port or range on the host, optionally behind an address: without one every local address, `0.0.0.0` every IPv4, `[::]` every IPv6 address. `127.0.0.1:6000` is for the host alone; `[::1]` cannot be published.","anyOf":[{"$ref":"#/$defs/port"},{"type":"string","pattern":"^(([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):)?[0-9]{1,5}(-[0-9]{1,5})?$","patternErrorMessage":"6000, 6000-6010, 192.0.2.1:6000 or \"[2001:db8::1]:6000\""}],"examples":[6000,"6000-6010","192.0.2.1:6000","[2001:db8::1]:6000"]},"to":{"title":"To","description":"By name, never by address: the namespace's first veth to the host, or the one on the named subnet. Without a port the same port; a range is equally long.","anyOf":[{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[0-9]{1,5}(-[0-9]{1,5})?)?$","patternErrorMessage":"namespace:port, namespace, or namespace:8000-8010"},{"$ref":"#/$defs/target"}],"examples":["netns1:8080","netns1",{"namespace":"netns1","subnet":"web1","port":8080}]},"protocol":{"title":"Protocol","description":"One protocol, or a list.","anyOf":[{"type":"string","enum":["tcp","udp","sctp"]},{"type":"array","items":{"type":"string","enum":["tcp","udp","sctp"]},"minItems":1,"uniqueItems":true}],"default":"tcp","examples":["udp",["tcp","udp"]]},"uplinks":{"title":"Uplinks of the forward","description":"On which of the topology's uplinks it is published; default: all. Restricts only what arrives from outside.","type":"array","items":{"type":"string","$ref":"#/$defs/uplink"},"uniqueItems":true,"examples":[["ens5"]]},"sources":{"title":"Sources","description":"Networks it may be reached from; default: anywhere. Restricts only what arrives from outside.","type":"array","items":{"type":"string","$ref":"#/$defs/cidr"},"minItems":1,"uniqueItems":true,"examples":[["203.0.113.0/24"]]}},"examples":[{"listen":6000,"to":"netns1:8080"}]},"target":{"title":"Target of a forward","description":"A namespace, where it has several veths to the host the subnet of one, and a port.","type":"object","additionalProperties":false,"required":["namespace"],"properties":{"namespace":{"title":"Namespace","description":"A declared namespace.","$ref":"#/$defs/endNamespace","examples":["netns1"]},"subnet":{"title":"Subnet","description":"Which of the namespace's veths to the host; default: the first.","$ref":"#/$defs/shortName","examples":["web1"]},"port":{"title":"Port","description":"Port or range in the namespace; default: the same as `listen`.","$ref":"#/$defs/portOrRange","examples":[8080,"8000-8010"]}},"examples":[{"namespace":"netns1","subnet":"web1","port":8080}]},"port":{"title":"Port","description":"A port number, 1 to 65535.","type":"integer","minimum":1,"maximum":65535,"examples":[6000]},"portOrRange":{"title":"Port or range","description":"A port number, or a range with both ends in it.","anyOf":[{"$ref":"#/$defs/port"},{"type":"string","pattern":"^[0-9]{1,5}(-[0-9]{1,5})?$","patternErrorMessage":"a port such as 8080, or a range such as 8000-8010"}],"examples":[8080,"8000-8010"]},"allow":{"title":"Allowed direct path","description":"Lets `from` open connections to `to` directly, by the namespaces' own addresses.","type":"object","additionalProperties":false,"required":["from","to"],"properties":{"from":{"title":"From","description":"A subnet, a namespace, or `outside`.","$ref":"#/$defs/peer","examples":["web1","outside"]},"to":{"title":"To","description":"A subnet or a namespace.","$ref":"#/$defs/peer","examples":["netns2"]},"protocol":{"title":"Protocol","description":"One protocol, or a list. Default: all four; with `ports`: tcp.","anyOf":[{"type":"string","enum":["tcp","udp","sctp","icmp"]},{"type":"array","items":{"type":"string","enum":["tcp","udp","sctp","icmp"]},"minItems":1,"uniqueItems":true}],"examples":["tcp",["tcp","icmp"]]},"ports":{"title":"Ports","description":"Ports and ranges at `to`; default: all.","type":"array","items":{"type":["integer","string"],"$ref":"#/$defs/portOrRange"},"minItems":1,"uniqueItems":true,"examples":[[5432,"8000-8010"]]}},"examples":[{"from":"web1","to":"netns2","protocol":"tcp","ports":[5432]}]},"peer":{"title":"Peer","description":"The name of a subnet or a namespace.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$","patternErrorMessage":"the name of a subnet or a namespace","examples":["web1","netns1"]},"host":{"title":"Host settings","description":"What the topology needs of the host itself.","type":"object","additionalProperties":false,"properties":{"routes":{"title":"Routes","description":"Routes on the host, removed again by destroy.","type":"array","items":{"$ref":"#/$defs/route"},"default":[],"examples":[[{"to":"10.8.0.0/16","via":"192.168.0.2"}]]},"forward-policy":{"title":"Forward policy","description":"`drop` sets the policy of the FORWARD chain to DROP while the topology exists, in each family that it has addresses of; `keep` leaves it.","type":"string","enum":["drop","keep"],"default":"keep","examples":["drop"]}},"examples":[{"forward-policy":"drop"}]},"expectation":{"title":"Expectation","description":"One thing that must be reachable, or must not.","type":"object","additionalProperties":false,"required":["from","to"],"properties":{"from":{"title":"From","description":"A namespace, `host` or `outside`. `outside` cannot send from here: it is judged by `nsctl explain`.","$ref":"#/$defs/endNamespace","examples":["netns1","host","outside"]},"to":{"title":"To","description":"`namespace:port`, `host:port` or `address:port`; for icmp without port.","type":"string","pattern":"^([A-Za-z0-9][A-Za-z0-9._-]{0,63}|[0-9A-Fa-f:.]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$","patternErrorMessage":"netns2:8080, host:22, 192.0.2.1:443 or \"[2001:db8::1]:443\"; for icmp without port","examples":["netns2:8080","host:22","1.1.1.1:53"]},"protocol":{"title":"Protocol","description":"The protocol to try.","type":"string","enum":["tcp","udp","icmp"],"default":"tcp","examples":["icmp"]},"reachable":{"title":"Reachable","description":"Whether it must be reachable, or must not.","type":"boolean","default":true,"examples":[false]},"open":{"title":"Open","description":"In place of `reachable`: the path is open, whether or not anything listens yet. A refusal by the target itself shows that.","type":"boolean","const":true,"examples":[true]}},"examples":[{"from":"netns1","to":"netns2:8080","reachable":false},{"from":"netns1","to":"host:6001","open":true}]},"acceptance":{"title":"Accepted finding","description":"The code of a finding of the plan and its subject.","type":"string","pattern":"^[a-z][a-z0-9-]*:[\\x21-\\x7e]{1,200}$","patternErrorMessage":"code:subject such as port-held:tcp/6000","examples":["port-held:tcp/6000"]}}};
const func1 = Object.prototype.hasOwnProperty;
const schema20 = {"title":"Name","description":"At most 15 lowercase letters, digits and hyphens, beginning with a letter or digit.","type":"string","pattern":"^[a-z0-9][a-z0-9-]{0,14}$","patternErrorMessage":"at most 15 lowercase letters, digits and hyphens, beginning with a letter or digit","examples":["flask","web-2"]};
const pattern3 = new RegExp("^[a-z0-9][a-z0-9-]{0,14}$", "u");

function validate53(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate53.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern3.test(data)){
const err0 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9][a-z0-9-]{0,14}$"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
validate53.errors = vErrors;
return errors === 0;
}
validate53.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema21 = {"title":"Uplink","description":"The name of a host interface, or `default` for every interface that carries a default route at plan time.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$","patternErrorMessage":"at most 15 letters, digits, '.', '_' and '-', beginning with a letter or digit","not":{"enum":["lo","all"]},"examples":["ens5","default"]};
const pattern4 = new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$", "u");

function validate55(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate55.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
const _errs2 = errors;
if(!((data === "lo") || (data === "all"))){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid0 = _errs2 === errors;
if(valid0){
const err1 = {instancePath,schemaPath:"#/not",keyword:"not",params:{}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(typeof data === "string"){
if(!pattern4.test(data)){
const err2 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
validate55.errors = vErrors;
return errors === 0;
}
validate55.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema22 = {"title":"Subnet name","description":"At most 15 lowercase letters, digits and hyphens, beginning with a letter or digit; not `host` or `outside`.","type":"string","pattern":"^[a-z0-9][a-z0-9-]{0,14}$","patternErrorMessage":"at most 15 lowercase letters, digits and hyphens, beginning with a letter or digit","not":{"enum":["host","outside"]},"examples":["web1"]};

function validate57(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate57.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
const _errs2 = errors;
if(!((data === "host") || (data === "outside"))){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid0 = _errs2 === errors;
if(valid0){
const err1 = {instancePath,schemaPath:"#/not",keyword:"not",params:{}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(typeof data === "string"){
if(!pattern3.test(data)){
const err2 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[a-z0-9][a-z0-9-]{0,14}$"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
validate57.errors = vErrors;
return errors === 0;
}
validate57.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema23 = {"title":"Subnet","description":"A network, or an object where more is to be said than the network.","anyOf":[{"$ref":"#/$defs/cidr"},{"$ref":"#/$defs/subnet"}],"examples":["192.168.0.0/24",{"cidr":"192.168.0.0/24","mtu":1400}]};
const schema24 = {"title":"Network","description":"An IPv4 or IPv6 network: address, slash, prefix length.","type":"string","pattern":"^[0-9A-Fa-f:.]+/[0-9]{1,3}$","patternErrorMessage":"a network such as 192.168.0.0/24 or fd00::/64","examples":["192.168.0.0/24","fd00:1::/64"]};
const pattern6 = new RegExp("^[0-9A-Fa-f:.]+/[0-9]{1,3}$", "u");

function validate60(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate60.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern6.test(data)){
const err0 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
validate60.errors = vErrors;
return errors === 0;
}
validate60.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema25 = {"title":"Subnet object","description":"A network with settings of its own.","type":"object","additionalProperties":false,"required":["cidr"],"properties":{"cidr":{"title":"Networks","description":"One network, or one IPv4 and one IPv6 network. In /31 and /127 both addresses are usable; /32 and /128 are errors.","anyOf":[{"$ref":"#/$defs/cidr"},{"type":"array","items":{"type":"string","$ref":"#/$defs/cidr"},"minItems":1,"maxItems":2}],"examples":["192.168.0.0/24",["192.168.0.0/24","fd00:1::/64"]]},"gateway":{"title":"Gateway","description":"The host's address in the subnet, one per family; default: the first usable address of each network. `none` (with `bridge`): a pure layer-2 segment without the host in it. On a subnet whose pair joins two namespaces no address is reserved, and no gateway can be given.","anyOf":[{"type":"string","pattern":"^(none|[0-9A-Fa-f:.]+)$","patternErrorMessage":"an address in the subnet, or none"},{"type":"array","items":{"type":"string","$ref":"#/$defs/address"},"minItems":1,"maxItems":2}],"examples":["192.168.0.254","none"]},"bridge":{"title":"Bridge","description":"Makes the subnet a shared segment: a Linux bridge of this name on the host carries the gateway address, and every host end of its veths is a port of it. Without it a subnet holds exactly one veth pair.","$ref":"#/$defs/interface","examples":["br-web"]},"uplinks":{"title":"Uplinks of the subnet","description":"Through which of the topology's uplinks the subnet may leave; default: all. `[]`: no way out.","type":"array","items":{"type":"string","$ref":"#/$defs/uplink"},"uniqueItems":true,"examples":[["ens5"],[]]},"masquerade":{"title":"Masquerade","description":"Whether what leaves bears the uplink's address, or for which families; default: IPv4 and unique-local IPv6 (fc00::/7) yes, global IPv6 no. Not masqueraded means routed with source addresses kept; it never opens anything inbound.","anyOf":[{"type":"boolean"},{"type":"array","items":{"type":"string","enum":["ipv4","ipv6"]},"uniqueItems":true}],"examples":[true,["ipv4"]]},"host-access":{"title":"Host access","description":"Whether the namespaces may talk to services on the host. `false`: only published ports, ICMP, and replies.","type":"boolean","default":true,"examples":[false]},"mtu":{"title":"MTU","description":"For every link of the subnet; a veth's own `mtu` wins. With IPv6 at least 1280. Default: the kernel's.","$ref":"#/$defs/mtu","examples":[1400]}},"examples":[{"cidr":"192.168.0.0/24","gateway":"192.168.0.254"}]};
const schema26 = {"title":"Address","description":"An IPv4 or IPv6 address without prefix length.","type":"string","pattern":"^[0-9A-Fa-f:.]+$","patternErrorMessage":"an address such as 192.168.0.1 or fd00::1","examples":["192.168.0.1","fd00:1::1"]};
const pattern8 = new RegExp("^[0-9A-Fa-f:.]+$", "u");

function validate65(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate65.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern8.test(data)){
const err0 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[0-9A-Fa-f:.]+$"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
validate65.errors = vErrors;
return errors === 0;
}
validate65.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema27 = {"title":"Interface name","description":"At most 15 letters, digits, `.`, `_` and `-`, beginning with a letter or digit; not `lo`, `all` or `default`.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$","patternErrorMessage":"at most 15 letters, digits, '.', '_' and '-', beginning with a letter or digit","not":{"enum":["lo","all","default"]},"examples":["veth0"]};

function validate67(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate67.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
const _errs2 = errors;
if(!(((data === "lo") || (data === "all")) || (data === "default"))){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid0 = _errs2 === errors;
if(valid0){
const err1 = {instancePath,schemaPath:"#/not",keyword:"not",params:{}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(typeof data === "string"){
if(!pattern4.test(data)){
const err2 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
validate67.errors = vErrors;
return errors === 0;
}
validate67.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema28 = {"title":"MTU","description":"Bytes in a packet, 68 to 65535; with IPv6 at least 1280.","type":"integer","minimum":68,"maximum":65535,"examples":[1400]};

function validate70(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate70.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "integer"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 65535 || isNaN(data)){
const err1 = {instancePath,schemaPath:"#/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data < 68 || isNaN(data)){
const err2 = {instancePath,schemaPath:"#/minimum",keyword:"minimum",params:{comparison: ">=", limit: 68}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
validate70.errors = vErrors;
return errors === 0;
}
validate70.evaluated = {"dynamicProps":false,"dynamicItems":false};

const pattern7 = new RegExp("^(none|[0-9A-Fa-f:.]+)$", "u");

function validate62(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate62.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.cidr === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "cidr"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(((((((key0 === "cidr") || (key0 === "gateway")) || (key0 === "bridge")) || (key0 === "uplinks")) || (key0 === "masquerade")) || (key0 === "host-access")) || (key0 === "mtu"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.cidr !== undefined){
let data0 = data.cidr;
const _errs3 = errors;
let valid1 = false;
const _errs4 = errors;
if(!(validate60(data0, {instancePath:instancePath+"/cidr",parentData:data,parentDataProperty:"cidr",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate60.errors : append(vErrors, validate60.errors);
errors = vErrors.length;
}
var _valid0 = _errs4 === errors;
valid1 = valid1 || _valid0;
const _errs5 = errors;
if(Array.isArray(data0)){
if(data0.length > 2){
const err2 = {instancePath:instancePath+"/cidr",schemaPath:"#/properties/cidr/anyOf/1/maxItems",keyword:"maxItems",params:{limit: 2}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data0.length < 1){
const err3 = {instancePath:instancePath+"/cidr",schemaPath:"#/properties/cidr/anyOf/1/minItems",keyword:"minItems",params:{limit: 1}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
let data1 = data0[i0];
if(typeof data1 !== "string"){
const err4 = {instancePath:instancePath+"/cidr/" + i0,schemaPath:"#/properties/cidr/anyOf/1/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(!(validate60(data1, {instancePath:instancePath+"/cidr/" + i0,parentData:data0,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate60.errors : append(vErrors, validate60.errors);
errors = vErrors.length;
}
}
}
else {
const err5 = {instancePath:instancePath+"/cidr",schemaPath:"#/properties/cidr/anyOf/1/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
var _valid0 = _errs5 === errors;
valid1 = valid1 || _valid0;
if(!valid1){
const err6 = {instancePath:instancePath+"/cidr",schemaPath:"#/properties/cidr/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
else {
errors = _errs3;
if(vErrors !== null){
if(_errs3){
vErrors.length = _errs3;
}
else {
vErrors = null;
}
}
}
}
if(data.gateway !== undefined){
let data2 = data.gateway;
const _errs10 = errors;
let valid4 = false;
const _errs11 = errors;
if(typeof data2 === "string"){
if(!pattern7.test(data2)){
const err7 = {instancePath:instancePath+"/gateway",schemaPath:"#/properties/gateway/anyOf/0/pattern",keyword:"pattern",params:{pattern: "^(none|[0-9A-Fa-f:.]+)$"}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/gateway",schemaPath:"#/properties/gateway/anyOf/0/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
var _valid1 = _errs11 === errors;
valid4 = valid4 || _valid1;
const _errs14 = errors;
if(Array.isArray(data2)){
if(data2.length > 2){
const err9 = {instancePath:instancePath+"/gateway",schemaPath:"#/properties/gateway/anyOf/1/maxItems",keyword:"maxItems",params:{limit: 2}};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(data2.length < 1){
const err10 = {instancePath:instancePath+"/gateway",schemaPath:"#/properties/gateway/anyOf/1/minItems",keyword:"minItems",params:{limit: 1}};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
const len1 = data2.length;
for(let i1=0; i1<len1; i1++){
let data3 = data2[i1];
if(typeof data3 !== "string"){
const err11 = {instancePath:instancePath+"/gateway/" + i1,schemaPath:"#/properties/gateway/anyOf/1/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(!(validate65(data3, {instancePath:instancePath+"/gateway/" + i1,parentData:data2,parentDataProperty:i1,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate65.errors : append(vErrors, validate65.errors);
errors = vErrors.length;
}
}
}
else {
const err12 = {instancePath:instancePath+"/gateway",schemaPath:"#/properties/gateway/anyOf/1/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
var _valid1 = _errs14 === errors;
valid4 = valid4 || _valid1;
if(!valid4){
const err13 = {instancePath:instancePath+"/gateway",schemaPath:"#/properties/gateway/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
else {
errors = _errs10;
if(vErrors !== null){
if(_errs10){
vErrors.length = _errs10;
}
else {
vErrors = null;
}
}
}
}
if(data.bridge !== undefined){
if(!(validate67(data.bridge, {instancePath:instancePath+"/bridge",parentData:data,parentDataProperty:"bridge",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : append(vErrors, validate67.errors);
errors = vErrors.length;
}
}
if(data.uplinks !== undefined){
let data5 = data.uplinks;
if(Array.isArray(data5)){
const len2 = data5.length;
for(let i2=0; i2<len2; i2++){
let data6 = data5[i2];
if(typeof data6 !== "string"){
const err14 = {instancePath:instancePath+"/uplinks/" + i2,schemaPath:"#/properties/uplinks/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
if(!(validate55(data6, {instancePath:instancePath+"/uplinks/" + i2,parentData:data5,parentDataProperty:i2,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate55.errors : append(vErrors, validate55.errors);
errors = vErrors.length;
}
}
let i3 = data5.length;
let j0;
if(i3 > 1){
const indices0 = {};
for(;i3--;){
let item0 = data5[i3];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err15 = {instancePath:instancePath+"/uplinks",schemaPath:"#/properties/uplinks/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j0}};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
break;
}
indices0[item0] = i3;
}
}
}
else {
const err16 = {instancePath:instancePath+"/uplinks",schemaPath:"#/properties/uplinks/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data.masquerade !== undefined){
let data7 = data.masquerade;
const _errs24 = errors;
let valid10 = false;
const _errs25 = errors;
if(typeof data7 !== "boolean"){
const err17 = {instancePath:instancePath+"/masquerade",schemaPath:"#/properties/masquerade/anyOf/0/type",keyword:"type",params:{type: "boolean"}};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
var _valid2 = _errs25 === errors;
valid10 = valid10 || _valid2;
const _errs27 = errors;
if(Array.isArray(data7)){
const len3 = data7.length;
for(let i4=0; i4<len3; i4++){
let data8 = data7[i4];
if(typeof data8 !== "string"){
const err18 = {instancePath:instancePath+"/masquerade/" + i4,schemaPath:"#/properties/masquerade/anyOf/1/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(!((data8 === "ipv4") || (data8 === "ipv6"))){
const err19 = {instancePath:instancePath+"/masquerade/" + i4,schemaPath:"#/properties/masquerade/anyOf/1/items/enum",keyword:"enum",params:{allowedValues: schema25.properties.masquerade.anyOf[1].items.enum}};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
let i5 = data7.length;
let j1;
if(i5 > 1){
const indices1 = {};
for(;i5--;){
let item1 = data7[i5];
if(typeof item1 !== "string"){
continue;
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
const err20 = {instancePath:instancePath+"/masquerade",schemaPath:"#/properties/masquerade/anyOf/1/uniqueItems",keyword:"uniqueItems",params:{i: i5, j: j1}};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
break;
}
indices1[item1] = i5;
}
}
}
else {
const err21 = {instancePath:instancePath+"/masquerade",schemaPath:"#/properties/masquerade/anyOf/1/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
var _valid2 = _errs27 === errors;
valid10 = valid10 || _valid2;
if(!valid10){
const err22 = {instancePath:instancePath+"/masquerade",schemaPath:"#/properties/masquerade/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
else {
errors = _errs24;
if(vErrors !== null){
if(_errs24){
vErrors.length = _errs24;
}
else {
vErrors = null;
}
}
}
}
if(data["host-access"] !== undefined){
if(typeof data["host-access"] !== "boolean"){
const err23 = {instancePath:instancePath+"/host-access",schemaPath:"#/properties/host-access/type",keyword:"type",params:{type: "boolean"}};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data.mtu !== undefined){
if(!(validate70(data.mtu, {instancePath:instancePath+"/mtu",parentData:data,parentDataProperty:"mtu",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate70.errors : append(vErrors, validate70.errors);
errors = vErrors.length;
}
}
}
else {
const err24 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
validate62.errors = vErrors;
return errors === 0;
}
validate62.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate59(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate59.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(!(validate60(data, {instancePath,parentData,parentDataProperty,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate60.errors : append(vErrors, validate60.errors);
errors = vErrors.length;
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
const _errs2 = errors;
if(!(validate62(data, {instancePath,parentData,parentDataProperty,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate62.errors : append(vErrors, validate62.errors);
errors = vErrors.length;
}
var _valid0 = _errs2 === errors;
valid0 = valid0 || _valid0;
if(_valid0){
var props0 = true;
}
if(!valid0){
const err0 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate59.errors = vErrors;
evaluated0.props = props0;
return errors === 0;
}
validate59.evaluated = {"dynamicProps":true,"dynamicItems":false};

const schema29 = {"title":"Namespace name","description":"At most 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit; not `host` or `outside`.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$","patternErrorMessage":"at most 64 letters, digits, '.', '_' and '-', beginning with a letter or digit","not":{"enum":["host","outside"]},"examples":["netns1"]};
const pattern10 = new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "u");

function validate74(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate74.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
const _errs2 = errors;
if(!((data === "host") || (data === "outside"))){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var valid0 = _errs2 === errors;
if(valid0){
const err1 = {instancePath,schemaPath:"#/not",keyword:"not",params:{}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(typeof data === "string"){
if(!pattern10.test(data)){
const err2 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
validate74.errors = vErrors;
return errors === 0;
}
validate74.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema30 = {"title":"Namespace","description":"Settings of one namespace; `{}` for none.","type":"object","additionalProperties":false,"properties":{"nameservers":{"title":"Name servers","description":"Written to `/etc/netns/<name>/resolv.conf`, which `ip netns exec` puts in place. Default: where the host's own resolv.conf names only loopback servers (systemd-resolved), the servers behind those.","type":"array","items":{"type":"string","$ref":"#/$defs/address"},"uniqueItems":true,"examples":[["1.1.1.1"]]},"search":{"title":"Search domains","description":"Domains that short host names are looked up in, written to the same file.","type":"array","items":{"title":"Domain","description":"A domain name.","type":"string","pattern":"^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62}){0,126}\\.?$","patternErrorMessage":"a domain such as example.org","examples":["example.org"]},"uniqueItems":true,"default":[],"examples":[["example.org"]]},"sysctls":{"title":"Sysctls","description":"Kernel settings inside the namespace: `net.*` only, with `.` or `/` as separator. A key removed from the file goes back to its value before. Keys that nsctl manages itself, or that are not per namespace, are errors.","type":"object","additionalProperties":{"$ref":"#/$defs/sysctlValue"},"default":{},"examples":[{"net.ipv4.ip_forward":1}]},"routes":{"title":"Routes","description":"Routes inside the namespace. A default route without metric takes the place of the automatic one of its family.","type":"array","items":{"$ref":"#/$defs/route"},"default":[],"examples":[[{"to":"10.0.0.0/8","via":"192.168.0.254"}]]},"adopt":{"title":"Adopt","description":"Takes over an existing namespace that nsctl did not make: it is marked, and left in place by destroy.","const":true,"examples":[true]}},"examples":[{},{"nameservers":["1.1.1.1"]}]};
const schema31 = {"title":"Sysctl value","description":"A number, or text as the kernel reads it.","anyOf":[{"type":"integer"},{"type":"string","pattern":"^[\\x21-\\x7e]([\\x20-\\x7e]{0,253}[\\x21-\\x7e])?$","patternErrorMessage":"a number or printable text, at most 255 characters"}],"examples":[1,"1024 65535"]};
const pattern12 = new RegExp("^[\\x21-\\x7e]([\\x20-\\x7e]{0,253}[\\x21-\\x7e])?$", "u");

function validate78(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate78.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
const err0 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "integer"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
const _errs3 = errors;
if(typeof data === "string"){
if(!pattern12.test(data)){
const err1 = {instancePath,schemaPath:"#/anyOf/1/pattern",keyword:"pattern",params:{pattern: "^[\\x21-\\x7e]([\\x20-\\x7e]{0,253}[\\x21-\\x7e])?$"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
else {
const err2 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
var _valid0 = _errs3 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const err3 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate78.errors = vErrors;
return errors === 0;
}
validate78.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema32 = {"title":"Route","description":"One route; with `via`, `dev` or both, or of a type that drops.","type":"object","additionalProperties":false,"required":["to"],"properties":{"to":{"title":"Destination","description":"A network, or `default`: of `via`'s family, without `via` IPv4.","type":"string","pattern":"^(default|[0-9A-Fa-f:.]+/[0-9]{1,3})$","patternErrorMessage":"a network such as 10.0.0.0/8, or default","examples":["10.0.0.0/8","default"]},"via":{"title":"Next hop","description":"The address of the next router, in a network that the namespace is connected to.","$ref":"#/$defs/address","examples":["192.168.0.254"]},"dev":{"title":"Interface","description":"The interface that the route leaves through; default: the one that `via` is reached on.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$","patternErrorMessage":"at most 15 letters, digits, '.', '_' and '-', beginning with a letter or digit","examples":["eth0"]},"metric":{"title":"Metric","description":"Of several routes to one destination the one with the lowest metric is taken. Default: the kernel's.","type":"integer","minimum":0,"maximum":4294967295,"examples":[100]},"type":{"title":"Type","description":"`blackhole` drops silently, `unreachable` with an ICMP error; both take neither `via` nor `dev`.","type":"string","enum":["unicast","blackhole","unreachable"],"default":"unicast","examples":["blackhole"]}},"examples":[{"to":"10.0.0.0/8","via":"192.168.0.254"},{"to":"10.9.0.0/16","type":"blackhole"}]};
const pattern13 = new RegExp("^(default|[0-9A-Fa-f:.]+/[0-9]{1,3})$", "u");

function validate80(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate80.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.to === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "to"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(((((key0 === "to") || (key0 === "via")) || (key0 === "dev")) || (key0 === "metric")) || (key0 === "type"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.to !== undefined){
let data0 = data.to;
if(typeof data0 === "string"){
if(!pattern13.test(data0)){
const err2 = {instancePath:instancePath+"/to",schemaPath:"#/properties/to/pattern",keyword:"pattern",params:{pattern: "^(default|[0-9A-Fa-f:.]+/[0-9]{1,3})$"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath:instancePath+"/to",schemaPath:"#/properties/to/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.via !== undefined){
if(!(validate65(data.via, {instancePath:instancePath+"/via",parentData:data,parentDataProperty:"via",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate65.errors : append(vErrors, validate65.errors);
errors = vErrors.length;
}
}
if(data.dev !== undefined){
let data2 = data.dev;
if(typeof data2 === "string"){
if(!pattern4.test(data2)){
const err4 = {instancePath:instancePath+"/dev",schemaPath:"#/properties/dev/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$"}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/dev",schemaPath:"#/properties/dev/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.metric !== undefined){
let data3 = data.metric;
if(!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))){
const err6 = {instancePath:instancePath+"/metric",schemaPath:"#/properties/metric/type",keyword:"type",params:{type: "integer"}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if((typeof data3 == "number") && (isFinite(data3))){
if(data3 > 4294967295 || isNaN(data3)){
const err7 = {instancePath:instancePath+"/metric",schemaPath:"#/properties/metric/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4294967295}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
if(data3 < 0 || isNaN(data3)){
const err8 = {instancePath:instancePath+"/metric",schemaPath:"#/properties/metric/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0}};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
}
if(data.type !== undefined){
let data4 = data.type;
if(typeof data4 !== "string"){
const err9 = {instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(!(((data4 === "unicast") || (data4 === "blackhole")) || (data4 === "unreachable"))){
const err10 = {instancePath:instancePath+"/type",schemaPath:"#/properties/type/enum",keyword:"enum",params:{allowedValues: schema32.properties.type.enum}};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
else {
const err11 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
validate80.errors = vErrors;
return errors === 0;
}
validate80.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const pattern11 = new RegExp("^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62}){0,126}\\.?$", "u");

function validate76(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate76.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "nameservers") || (key0 === "search")) || (key0 === "sysctls")) || (key0 === "routes")) || (key0 === "adopt"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.nameservers !== undefined){
let data0 = data.nameservers;
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
let data1 = data0[i0];
if(typeof data1 !== "string"){
const err1 = {instancePath:instancePath+"/nameservers/" + i0,schemaPath:"#/properties/nameservers/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(!(validate65(data1, {instancePath:instancePath+"/nameservers/" + i0,parentData:data0,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate65.errors : append(vErrors, validate65.errors);
errors = vErrors.length;
}
}
let i1 = data0.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data0[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err2 = {instancePath:instancePath+"/nameservers",schemaPath:"#/properties/nameservers/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err3 = {instancePath:instancePath+"/nameservers",schemaPath:"#/properties/nameservers/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.search !== undefined){
let data2 = data.search;
if(Array.isArray(data2)){
const len1 = data2.length;
for(let i2=0; i2<len1; i2++){
let data3 = data2[i2];
if(typeof data3 === "string"){
if(!pattern11.test(data3)){
const err4 = {instancePath:instancePath+"/search/" + i2,schemaPath:"#/properties/search/items/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62}){0,126}\\.?$"}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/search/" + i2,schemaPath:"#/properties/search/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
let i3 = data2.length;
let j1;
if(i3 > 1){
const indices1 = {};
for(;i3--;){
let item1 = data2[i3];
if(typeof item1 !== "string"){
continue;
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
const err6 = {instancePath:instancePath+"/search",schemaPath:"#/properties/search/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j1}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
break;
}
indices1[item1] = i3;
}
}
}
else {
const err7 = {instancePath:instancePath+"/search",schemaPath:"#/properties/search/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.sysctls !== undefined){
let data4 = data.sysctls;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key1 in data4){
if(!(validate78(data4[key1], {instancePath:instancePath+"/sysctls/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data4,parentDataProperty:key1,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate78.errors : append(vErrors, validate78.errors);
errors = vErrors.length;
}
}
}
else {
const err8 = {instancePath:instancePath+"/sysctls",schemaPath:"#/properties/sysctls/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.routes !== undefined){
let data6 = data.routes;
if(Array.isArray(data6)){
const len2 = data6.length;
for(let i4=0; i4<len2; i4++){
if(!(validate80(data6[i4], {instancePath:instancePath+"/routes/" + i4,parentData:data6,parentDataProperty:i4,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate80.errors : append(vErrors, validate80.errors);
errors = vErrors.length;
}
}
}
else {
const err9 = {instancePath:instancePath+"/routes",schemaPath:"#/properties/routes/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.adopt !== undefined){
if(true !== data.adopt){
const err10 = {instancePath:instancePath+"/adopt",schemaPath:"#/properties/adopt/const",keyword:"const",params:{allowedValue: true}};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
else {
const err11 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
validate76.errors = vErrors;
return errors === 0;
}
validate76.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema33 = {"title":"Veth pair","description":"A virtual cable between two ends.","type":"object","additionalProperties":false,"required":["ends"],"properties":{"subnet":{"title":"Subnet","description":"The subnet that both ends are in; without one, the ends have only the addresses they name.","$ref":"#/$defs/shortName","examples":["web1"]},"ends":{"title":"Ends","description":"The two ends; at most one of them `host`.","type":"array","items":{"$ref":"#/$defs/end"},"minItems":2,"maxItems":2,"examples":[["host:veth0","netns1:veth1"],["host","netns1"]]},"mtu":{"title":"MTU","description":"For both ends; default: the subnet's.","$ref":"#/$defs/mtu","examples":[1400]},"adopt":{"title":"Adopt","description":"Takes over an existing pair that nsctl did not make: it is marked, and left in place by destroy.","const":true,"examples":[true]}},"examples":[{"subnet":"web1","ends":["host:veth0","netns1:veth1"]}]};
const schema34 = {"title":"End of a pair","description":"`namespace:interface`, `namespace`, or an object where more is to be said; `host` is the host itself.","anyOf":[{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[A-Za-z0-9][A-Za-z0-9._-]{0,14})?$","patternErrorMessage":"namespace:interface or namespace; the interface has at most 15 letters, digits, '.', '_' and '-'"},{"$ref":"#/$defs/endObject"}],"examples":["netns1:veth1","host",{"namespace":"netns1","address":"192.168.0.10"}]};
const pattern15 = new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[A-Za-z0-9][A-Za-z0-9._-]{0,14})?$", "u");
const schema35 = {"title":"End object","description":"One end of a pair with settings of its own.","type":"object","additionalProperties":false,"required":["namespace"],"properties":{"namespace":{"title":"Namespace","description":"A declared namespace, or `host`.","$ref":"#/$defs/endNamespace","examples":["netns1"]},"interface":{"title":"Interface","description":"Default: `eth0`, `eth1`… inside a namespace; on the host a name derived from the far end.","$ref":"#/$defs/interface","examples":["veth1"]},"address":{"title":"Address","description":"With a subnet bare address(es) in it; without one address(es) with prefix length. Default: the gateway on the host; inside, the lowest free one, kept once it is drawn. `nsctl pin` writes the chosen addresses into the file.","anyOf":[{"$ref":"#/$defs/endAddress"},{"type":"array","items":{"type":"string","$ref":"#/$defs/endAddress"},"minItems":1,"uniqueItems":true}],"examples":["192.168.0.10",["192.168.0.10","fd00:1::10"]]},"mac":{"title":"MAC address","description":"Six bytes in hexadecimal; default: the kernel draws one.","type":"string","pattern":"^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$","patternErrorMessage":"six bytes in hexadecimal such as 02:00:00:00:00:01","examples":["02:00:00:00:00:01"]},"default-route":{"title":"Default route","description":"Whether the namespace's default route goes through this end. Default: per family, its first veth in file order on a subnet whose gateway is on the host. Two that claim it are an error.","type":"boolean","examples":[true]},"rate":{"title":"Rate","description":"What the end may send, in tc's units: bit, kbit, mbit, gbit, tbit (of 1000), kibit… (of 1024), and bps, kbps… in bytes.","type":"string","pattern":"^[0-9]+(\\.[0-9]+)?(([kmgt]i?)?(bit|bps))$","patternErrorMessage":"a number with one of tc's units, such as 10mbit, 500kbit, 1gbit","examples":["10mbit"]}},"examples":[{"namespace":"netns1","interface":"veth1","address":"192.168.0.10"}]};
const schema36 = {"title":"Namespace of an end","description":"A declared namespace, or `host` for the host itself.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$","patternErrorMessage":"the name of a namespace, or host","examples":["netns1","host"]};

function validate88(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate88.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern10.test(data)){
const err0 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
validate88.errors = vErrors;
return errors === 0;
}
validate88.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema37 = {"title":"Address of an end","description":"On a subnet a bare address in it; without a subnet an address with prefix length.","type":"string","pattern":"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$","patternErrorMessage":"an address such as 192.168.0.2, or without a subnet 192.168.0.2/24","examples":["192.168.0.2","10.0.0.1/30"]};
const pattern17 = new RegExp("^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$", "u");

function validate91(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate91.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern17.test(data)){
const err0 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
validate91.errors = vErrors;
return errors === 0;
}
validate91.evaluated = {"dynamicProps":false,"dynamicItems":false};

const pattern18 = new RegExp("^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$", "u");
const pattern19 = new RegExp("^[0-9]+(\\.[0-9]+)?(([kmgt]i?)?(bit|bps))$", "u");

function validate87(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate87.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.namespace === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "namespace"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!((((((key0 === "namespace") || (key0 === "interface")) || (key0 === "address")) || (key0 === "mac")) || (key0 === "default-route")) || (key0 === "rate"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.namespace !== undefined){
if(!(validate88(data.namespace, {instancePath:instancePath+"/namespace",parentData:data,parentDataProperty:"namespace",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate88.errors : append(vErrors, validate88.errors);
errors = vErrors.length;
}
}
if(data.interface !== undefined){
if(!(validate67(data.interface, {instancePath:instancePath+"/interface",parentData:data,parentDataProperty:"interface",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : append(vErrors, validate67.errors);
errors = vErrors.length;
}
}
if(data.address !== undefined){
let data2 = data.address;
const _errs5 = errors;
let valid1 = false;
const _errs6 = errors;
if(!(validate91(data2, {instancePath:instancePath+"/address",parentData:data,parentDataProperty:"address",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate91.errors : append(vErrors, validate91.errors);
errors = vErrors.length;
}
var _valid0 = _errs6 === errors;
valid1 = valid1 || _valid0;
const _errs7 = errors;
if(Array.isArray(data2)){
if(data2.length < 1){
const err2 = {instancePath:instancePath+"/address",schemaPath:"#/properties/address/anyOf/1/minItems",keyword:"minItems",params:{limit: 1}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(typeof data3 !== "string"){
const err3 = {instancePath:instancePath+"/address/" + i0,schemaPath:"#/properties/address/anyOf/1/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(!(validate91(data3, {instancePath:instancePath+"/address/" + i0,parentData:data2,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate91.errors : append(vErrors, validate91.errors);
errors = vErrors.length;
}
}
let i1 = data2.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data2[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err4 = {instancePath:instancePath+"/address",schemaPath:"#/properties/address/anyOf/1/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err5 = {instancePath:instancePath+"/address",schemaPath:"#/properties/address/anyOf/1/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
var _valid0 = _errs7 === errors;
valid1 = valid1 || _valid0;
if(!valid1){
const err6 = {instancePath:instancePath+"/address",schemaPath:"#/properties/address/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
else {
errors = _errs5;
if(vErrors !== null){
if(_errs5){
vErrors.length = _errs5;
}
else {
vErrors = null;
}
}
}
}
if(data.mac !== undefined){
let data4 = data.mac;
if(typeof data4 === "string"){
if(!pattern18.test(data4)){
const err7 = {instancePath:instancePath+"/mac",schemaPath:"#/properties/mac/pattern",keyword:"pattern",params:{pattern: "^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$"}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/mac",schemaPath:"#/properties/mac/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data["default-route"] !== undefined){
if(typeof data["default-route"] !== "boolean"){
const err9 = {instancePath:instancePath+"/default-route",schemaPath:"#/properties/default-route/type",keyword:"type",params:{type: "boolean"}};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.rate !== undefined){
let data6 = data.rate;
if(typeof data6 === "string"){
if(!pattern19.test(data6)){
const err10 = {instancePath:instancePath+"/rate",schemaPath:"#/properties/rate/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(\\.[0-9]+)?(([kmgt]i?)?(bit|bps))$"}};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/rate",schemaPath:"#/properties/rate/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
}
else {
const err12 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
validate87.errors = vErrors;
return errors === 0;
}
validate87.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate86(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate86.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(typeof data === "string"){
if(!pattern15.test(data)){
const err0 = {instancePath,schemaPath:"#/anyOf/0/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[A-Za-z0-9][A-Za-z0-9._-]{0,14})?$"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/anyOf/0/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
const _errs4 = errors;
if(!(validate87(data, {instancePath,parentData,parentDataProperty,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate87.errors : append(vErrors, validate87.errors);
errors = vErrors.length;
}
var _valid0 = _errs4 === errors;
valid0 = valid0 || _valid0;
if(_valid0){
var props0 = true;
}
if(!valid0){
const err2 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate86.errors = vErrors;
evaluated0.props = props0;
return errors === 0;
}
validate86.evaluated = {"dynamicProps":true,"dynamicItems":false};


function validate84(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate84.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ends === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "ends"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!((((key0 === "subnet") || (key0 === "ends")) || (key0 === "mtu")) || (key0 === "adopt"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.subnet !== undefined){
if(!(validate53(data.subnet, {instancePath:instancePath+"/subnet",parentData:data,parentDataProperty:"subnet",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate53.errors : append(vErrors, validate53.errors);
errors = vErrors.length;
}
}
if(data.ends !== undefined){
let data1 = data.ends;
if(Array.isArray(data1)){
if(data1.length > 2){
const err2 = {instancePath:instancePath+"/ends",schemaPath:"#/properties/ends/maxItems",keyword:"maxItems",params:{limit: 2}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data1.length < 2){
const err3 = {instancePath:instancePath+"/ends",schemaPath:"#/properties/ends/minItems",keyword:"minItems",params:{limit: 2}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
if(!(validate86(data1[i0], {instancePath:instancePath+"/ends/" + i0,parentData:data1,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate86.errors : append(vErrors, validate86.errors);
errors = vErrors.length;
}
}
}
else {
const err4 = {instancePath:instancePath+"/ends",schemaPath:"#/properties/ends/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.mtu !== undefined){
if(!(validate70(data.mtu, {instancePath:instancePath+"/mtu",parentData:data,parentDataProperty:"mtu",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate70.errors : append(vErrors, validate70.errors);
errors = vErrors.length;
}
}
if(data.adopt !== undefined){
if(true !== data.adopt){
const err5 = {instancePath:instancePath+"/adopt",schemaPath:"#/properties/adopt/const",keyword:"const",params:{allowedValue: true}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
}
else {
const err6 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
validate84.errors = vErrors;
return errors === 0;
}
validate84.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema38 = {"title":"Published port","description":"A port of the host that leads to a namespace.","type":"object","additionalProperties":false,"required":["listen","to"],"properties":{"listen":{"title":"Listen","description":"Port or range on the host, optionally behind an address: without one every local address, `0.0.0.0` every IPv4, `[::]` every IPv6 address. `127.0.0.1:6000` is for the host alone; `[::1]` cannot be published.","anyOf":[{"$ref":"#/$defs/port"},{"type":"string","pattern":"^(([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):)?[0-9]{1,5}(-[0-9]{1,5})?$","patternErrorMessage":"6000, 6000-6010, 192.0.2.1:6000 or \"[2001:db8::1]:6000\""}],"examples":[6000,"6000-6010","192.0.2.1:6000","[2001:db8::1]:6000"]},"to":{"title":"To","description":"By name, never by address: the namespace's first veth to the host, or the one on the named subnet. Without a port the same port; a range is equally long.","anyOf":[{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[0-9]{1,5}(-[0-9]{1,5})?)?$","patternErrorMessage":"namespace:port, namespace, or namespace:8000-8010"},{"$ref":"#/$defs/target"}],"examples":["netns1:8080","netns1",{"namespace":"netns1","subnet":"web1","port":8080}]},"protocol":{"title":"Protocol","description":"One protocol, or a list.","anyOf":[{"type":"string","enum":["tcp","udp","sctp"]},{"type":"array","items":{"type":"string","enum":["tcp","udp","sctp"]},"minItems":1,"uniqueItems":true}],"default":"tcp","examples":["udp",["tcp","udp"]]},"uplinks":{"title":"Uplinks of the forward","description":"On which of the topology's uplinks it is published; default: all. Restricts only what arrives from outside.","type":"array","items":{"type":"string","$ref":"#/$defs/uplink"},"uniqueItems":true,"examples":[["ens5"]]},"sources":{"title":"Sources","description":"Networks it may be reached from; default: anywhere. Restricts only what arrives from outside.","type":"array","items":{"type":"string","$ref":"#/$defs/cidr"},"minItems":1,"uniqueItems":true,"examples":[["203.0.113.0/24"]]}},"examples":[{"listen":6000,"to":"netns1:8080"}]};
const schema39 = {"title":"Port","description":"A port number, 1 to 65535.","type":"integer","minimum":1,"maximum":65535,"examples":[6000]};

function validate99(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate99.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(!(((typeof data == "number") && (!(data % 1) && !isNaN(data))) && (isFinite(data)))){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "integer"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if((typeof data == "number") && (isFinite(data))){
if(data > 65535 || isNaN(data)){
const err1 = {instancePath,schemaPath:"#/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(data < 1 || isNaN(data)){
const err2 = {instancePath,schemaPath:"#/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
validate99.errors = vErrors;
return errors === 0;
}
validate99.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema40 = {"title":"Target of a forward","description":"A namespace, where it has several veths to the host the subnet of one, and a port.","type":"object","additionalProperties":false,"required":["namespace"],"properties":{"namespace":{"title":"Namespace","description":"A declared namespace.","$ref":"#/$defs/endNamespace","examples":["netns1"]},"subnet":{"title":"Subnet","description":"Which of the namespace's veths to the host; default: the first.","$ref":"#/$defs/shortName","examples":["web1"]},"port":{"title":"Port","description":"Port or range in the namespace; default: the same as `listen`.","$ref":"#/$defs/portOrRange","examples":[8080,"8000-8010"]}},"examples":[{"namespace":"netns1","subnet":"web1","port":8080}]};
const schema41 = {"title":"Port or range","description":"A port number, or a range with both ends in it.","anyOf":[{"$ref":"#/$defs/port"},{"type":"string","pattern":"^[0-9]{1,5}(-[0-9]{1,5})?$","patternErrorMessage":"a port such as 8080, or a range such as 8000-8010"}],"examples":[8080,"8000-8010"]};
const pattern22 = new RegExp("^[0-9]{1,5}(-[0-9]{1,5})?$", "u");

function validate104(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate104.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs0 = errors;
let valid0 = false;
const _errs1 = errors;
if(!(validate99(data, {instancePath,parentData,parentDataProperty,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate99.errors : append(vErrors, validate99.errors);
errors = vErrors.length;
}
var _valid0 = _errs1 === errors;
valid0 = valid0 || _valid0;
const _errs2 = errors;
if(typeof data === "string"){
if(!pattern22.test(data)){
const err0 = {instancePath,schemaPath:"#/anyOf/1/pattern",keyword:"pattern",params:{pattern: "^[0-9]{1,5}(-[0-9]{1,5})?$"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/anyOf/1/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs2 === errors;
valid0 = valid0 || _valid0;
if(!valid0){
const err2 = {instancePath,schemaPath:"#/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
else {
errors = _errs0;
if(vErrors !== null){
if(_errs0){
vErrors.length = _errs0;
}
else {
vErrors = null;
}
}
}
validate104.errors = vErrors;
return errors === 0;
}
validate104.evaluated = {"dynamicProps":false,"dynamicItems":false};


function validate101(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate101.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.namespace === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "namespace"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(((key0 === "namespace") || (key0 === "subnet")) || (key0 === "port"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.namespace !== undefined){
if(!(validate88(data.namespace, {instancePath:instancePath+"/namespace",parentData:data,parentDataProperty:"namespace",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate88.errors : append(vErrors, validate88.errors);
errors = vErrors.length;
}
}
if(data.subnet !== undefined){
if(!(validate53(data.subnet, {instancePath:instancePath+"/subnet",parentData:data,parentDataProperty:"subnet",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate53.errors : append(vErrors, validate53.errors);
errors = vErrors.length;
}
}
if(data.port !== undefined){
if(!(validate104(data.port, {instancePath:instancePath+"/port",parentData:data,parentDataProperty:"port",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate104.errors : append(vErrors, validate104.errors);
errors = vErrors.length;
}
}
}
else {
const err2 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
validate101.errors = vErrors;
return errors === 0;
}
validate101.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const pattern20 = new RegExp("^(([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):)?[0-9]{1,5}(-[0-9]{1,5})?$", "u");
const pattern21 = new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[0-9]{1,5}(-[0-9]{1,5})?)?$", "u");

function validate98(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate98.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.listen === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "listen"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.to === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "to"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!(((((key0 === "listen") || (key0 === "to")) || (key0 === "protocol")) || (key0 === "uplinks")) || (key0 === "sources"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.listen !== undefined){
let data0 = data.listen;
const _errs3 = errors;
let valid1 = false;
const _errs4 = errors;
if(!(validate99(data0, {instancePath:instancePath+"/listen",parentData:data,parentDataProperty:"listen",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate99.errors : append(vErrors, validate99.errors);
errors = vErrors.length;
}
var _valid0 = _errs4 === errors;
valid1 = valid1 || _valid0;
const _errs5 = errors;
if(typeof data0 === "string"){
if(!pattern20.test(data0)){
const err3 = {instancePath:instancePath+"/listen",schemaPath:"#/properties/listen/anyOf/1/pattern",keyword:"pattern",params:{pattern: "^(([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):)?[0-9]{1,5}(-[0-9]{1,5})?$"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/listen",schemaPath:"#/properties/listen/anyOf/1/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
var _valid0 = _errs5 === errors;
valid1 = valid1 || _valid0;
if(!valid1){
const err5 = {instancePath:instancePath+"/listen",schemaPath:"#/properties/listen/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
else {
errors = _errs3;
if(vErrors !== null){
if(_errs3){
vErrors.length = _errs3;
}
else {
vErrors = null;
}
}
}
}
if(data.to !== undefined){
let data1 = data.to;
const _errs9 = errors;
let valid2 = false;
const _errs10 = errors;
if(typeof data1 === "string"){
if(!pattern21.test(data1)){
const err6 = {instancePath:instancePath+"/to",schemaPath:"#/properties/to/anyOf/0/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[0-9]{1,5}(-[0-9]{1,5})?)?$"}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/to",schemaPath:"#/properties/to/anyOf/0/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
var _valid1 = _errs10 === errors;
valid2 = valid2 || _valid1;
const _errs13 = errors;
if(!(validate101(data1, {instancePath:instancePath+"/to",parentData:data,parentDataProperty:"to",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate101.errors : append(vErrors, validate101.errors);
errors = vErrors.length;
}
var _valid1 = _errs13 === errors;
valid2 = valid2 || _valid1;
if(!valid2){
const err8 = {instancePath:instancePath+"/to",schemaPath:"#/properties/to/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
else {
errors = _errs9;
if(vErrors !== null){
if(_errs9){
vErrors.length = _errs9;
}
else {
vErrors = null;
}
}
}
}
if(data.protocol !== undefined){
let data2 = data.protocol;
const _errs15 = errors;
let valid3 = false;
const _errs16 = errors;
if(typeof data2 !== "string"){
const err9 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/0/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if(!(((data2 === "tcp") || (data2 === "udp")) || (data2 === "sctp"))){
const err10 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/0/enum",keyword:"enum",params:{allowedValues: schema38.properties.protocol.anyOf[0].enum}};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
var _valid2 = _errs16 === errors;
valid3 = valid3 || _valid2;
const _errs18 = errors;
if(Array.isArray(data2)){
if(data2.length < 1){
const err11 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/1/minItems",keyword:"minItems",params:{limit: 1}};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(typeof data3 !== "string"){
const err12 = {instancePath:instancePath+"/protocol/" + i0,schemaPath:"#/properties/protocol/anyOf/1/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if(!(((data3 === "tcp") || (data3 === "udp")) || (data3 === "sctp"))){
const err13 = {instancePath:instancePath+"/protocol/" + i0,schemaPath:"#/properties/protocol/anyOf/1/items/enum",keyword:"enum",params:{allowedValues: schema38.properties.protocol.anyOf[1].items.enum}};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
let i1 = data2.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data2[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err14 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/1/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0}};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err15 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/1/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
var _valid2 = _errs18 === errors;
valid3 = valid3 || _valid2;
if(!valid3){
const err16 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
else {
errors = _errs15;
if(vErrors !== null){
if(_errs15){
vErrors.length = _errs15;
}
else {
vErrors = null;
}
}
}
}
if(data.uplinks !== undefined){
let data4 = data.uplinks;
if(Array.isArray(data4)){
const len1 = data4.length;
for(let i2=0; i2<len1; i2++){
let data5 = data4[i2];
if(typeof data5 !== "string"){
const err17 = {instancePath:instancePath+"/uplinks/" + i2,schemaPath:"#/properties/uplinks/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(!(validate55(data5, {instancePath:instancePath+"/uplinks/" + i2,parentData:data4,parentDataProperty:i2,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate55.errors : append(vErrors, validate55.errors);
errors = vErrors.length;
}
}
let i3 = data4.length;
let j1;
if(i3 > 1){
const indices1 = {};
for(;i3--;){
let item1 = data4[i3];
if(typeof item1 !== "string"){
continue;
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
const err18 = {instancePath:instancePath+"/uplinks",schemaPath:"#/properties/uplinks/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j1}};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
break;
}
indices1[item1] = i3;
}
}
}
else {
const err19 = {instancePath:instancePath+"/uplinks",schemaPath:"#/properties/uplinks/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data.sources !== undefined){
let data6 = data.sources;
if(Array.isArray(data6)){
if(data6.length < 1){
const err20 = {instancePath:instancePath+"/sources",schemaPath:"#/properties/sources/minItems",keyword:"minItems",params:{limit: 1}};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
const len2 = data6.length;
for(let i4=0; i4<len2; i4++){
let data7 = data6[i4];
if(typeof data7 !== "string"){
const err21 = {instancePath:instancePath+"/sources/" + i4,schemaPath:"#/properties/sources/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(!(validate60(data7, {instancePath:instancePath+"/sources/" + i4,parentData:data6,parentDataProperty:i4,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate60.errors : append(vErrors, validate60.errors);
errors = vErrors.length;
}
}
let i5 = data6.length;
let j2;
if(i5 > 1){
const indices2 = {};
for(;i5--;){
let item2 = data6[i5];
if(typeof item2 !== "string"){
continue;
}
if(typeof indices2[item2] == "number"){
j2 = indices2[item2];
const err22 = {instancePath:instancePath+"/sources",schemaPath:"#/properties/sources/uniqueItems",keyword:"uniqueItems",params:{i: i5, j: j2}};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
break;
}
indices2[item2] = i5;
}
}
}
else {
const err23 = {instancePath:instancePath+"/sources",schemaPath:"#/properties/sources/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
}
else {
const err24 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
validate98.errors = vErrors;
return errors === 0;
}
validate98.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema42 = {"title":"Allowed direct path","description":"Lets `from` open connections to `to` directly, by the namespaces' own addresses.","type":"object","additionalProperties":false,"required":["from","to"],"properties":{"from":{"title":"From","description":"A subnet, a namespace, or `outside`.","$ref":"#/$defs/peer","examples":["web1","outside"]},"to":{"title":"To","description":"A subnet or a namespace.","$ref":"#/$defs/peer","examples":["netns2"]},"protocol":{"title":"Protocol","description":"One protocol, or a list. Default: all four; with `ports`: tcp.","anyOf":[{"type":"string","enum":["tcp","udp","sctp","icmp"]},{"type":"array","items":{"type":"string","enum":["tcp","udp","sctp","icmp"]},"minItems":1,"uniqueItems":true}],"examples":["tcp",["tcp","icmp"]]},"ports":{"title":"Ports","description":"Ports and ranges at `to`; default: all.","type":"array","items":{"type":["integer","string"],"$ref":"#/$defs/portOrRange"},"minItems":1,"uniqueItems":true,"examples":[[5432,"8000-8010"]]}},"examples":[{"from":"web1","to":"netns2","protocol":"tcp","ports":[5432]}]};
const schema43 = {"title":"Peer","description":"The name of a subnet or a namespace.","type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$","patternErrorMessage":"the name of a subnet or a namespace","examples":["web1","netns1"]};

function validate112(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate112.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern10.test(data)){
const err0 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
validate112.errors = vErrors;
return errors === 0;
}
validate112.evaluated = {"dynamicProps":false,"dynamicItems":false};


function validate111(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate111.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.from === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "from"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.to === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "to"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!((((key0 === "from") || (key0 === "to")) || (key0 === "protocol")) || (key0 === "ports"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.from !== undefined){
if(!(validate112(data.from, {instancePath:instancePath+"/from",parentData:data,parentDataProperty:"from",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate112.errors : append(vErrors, validate112.errors);
errors = vErrors.length;
}
}
if(data.to !== undefined){
if(!(validate112(data.to, {instancePath:instancePath+"/to",parentData:data,parentDataProperty:"to",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate112.errors : append(vErrors, validate112.errors);
errors = vErrors.length;
}
}
if(data.protocol !== undefined){
let data2 = data.protocol;
const _errs5 = errors;
let valid1 = false;
const _errs6 = errors;
if(typeof data2 !== "string"){
const err3 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/0/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(!((((data2 === "tcp") || (data2 === "udp")) || (data2 === "sctp")) || (data2 === "icmp"))){
const err4 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/0/enum",keyword:"enum",params:{allowedValues: schema42.properties.protocol.anyOf[0].enum}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
var _valid0 = _errs6 === errors;
valid1 = valid1 || _valid0;
const _errs8 = errors;
if(Array.isArray(data2)){
if(data2.length < 1){
const err5 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/1/minItems",keyword:"minItems",params:{limit: 1}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(typeof data3 !== "string"){
const err6 = {instancePath:instancePath+"/protocol/" + i0,schemaPath:"#/properties/protocol/anyOf/1/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(!((((data3 === "tcp") || (data3 === "udp")) || (data3 === "sctp")) || (data3 === "icmp"))){
const err7 = {instancePath:instancePath+"/protocol/" + i0,schemaPath:"#/properties/protocol/anyOf/1/items/enum",keyword:"enum",params:{allowedValues: schema42.properties.protocol.anyOf[1].items.enum}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
let i1 = data2.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data2[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err8 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/1/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0}};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err9 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf/1/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
var _valid0 = _errs8 === errors;
valid1 = valid1 || _valid0;
if(!valid1){
const err10 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/anyOf",keyword:"anyOf",params:{}};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
else {
errors = _errs5;
if(vErrors !== null){
if(_errs5){
vErrors.length = _errs5;
}
else {
vErrors = null;
}
}
}
}
if(data.ports !== undefined){
let data4 = data.ports;
if(Array.isArray(data4)){
if(data4.length < 1){
const err11 = {instancePath:instancePath+"/ports",schemaPath:"#/properties/ports/minItems",keyword:"minItems",params:{limit: 1}};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
const len1 = data4.length;
for(let i2=0; i2<len1; i2++){
let data5 = data4[i2];
if((!(((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5))) && (isFinite(data5)))) && (typeof data5 !== "string")){
const err12 = {instancePath:instancePath+"/ports/" + i2,schemaPath:"#/properties/ports/items/type",keyword:"type",params:{type: schema42.properties.ports.items.type}};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if(!(validate104(data5, {instancePath:instancePath+"/ports/" + i2,parentData:data4,parentDataProperty:i2,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate104.errors : append(vErrors, validate104.errors);
errors = vErrors.length;
}
}
let i3 = data4.length;
let j1;
if(i3 > 1){
const indices1 = {};
for(;i3--;){
let item1 = data4[i3];
if((!(((typeof item1 == "number") && (!(item1 % 1) && !isNaN(item1))) && (isFinite(item1)))) && (typeof item1 !== "string")){
continue;
}
if(typeof item1 == "string"){
item1 += "_";
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
const err13 = {instancePath:instancePath+"/ports",schemaPath:"#/properties/ports/uniqueItems",keyword:"uniqueItems",params:{i: i3, j: j1}};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
break;
}
indices1[item1] = i3;
}
}
}
else {
const err14 = {instancePath:instancePath+"/ports",schemaPath:"#/properties/ports/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
validate111.errors = vErrors;
return errors === 0;
}
validate111.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema44 = {"title":"Host settings","description":"What the topology needs of the host itself.","type":"object","additionalProperties":false,"properties":{"routes":{"title":"Routes","description":"Routes on the host, removed again by destroy.","type":"array","items":{"$ref":"#/$defs/route"},"default":[],"examples":[[{"to":"10.8.0.0/16","via":"192.168.0.2"}]]},"forward-policy":{"title":"Forward policy","description":"`drop` sets the policy of the FORWARD chain to DROP while the topology exists, in each family that it has addresses of; `keep` leaves it.","type":"string","enum":["drop","keep"],"default":"keep","examples":["drop"]}},"examples":[{"forward-policy":"drop"}]};

function validate117(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate117.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "routes") || (key0 === "forward-policy"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.routes !== undefined){
let data0 = data.routes;
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
if(!(validate80(data0[i0], {instancePath:instancePath+"/routes/" + i0,parentData:data0,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate80.errors : append(vErrors, validate80.errors);
errors = vErrors.length;
}
}
}
else {
const err1 = {instancePath:instancePath+"/routes",schemaPath:"#/properties/routes/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data["forward-policy"] !== undefined){
let data2 = data["forward-policy"];
if(typeof data2 !== "string"){
const err2 = {instancePath:instancePath+"/forward-policy",schemaPath:"#/properties/forward-policy/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(!((data2 === "drop") || (data2 === "keep"))){
const err3 = {instancePath:instancePath+"/forward-policy",schemaPath:"#/properties/forward-policy/enum",keyword:"enum",params:{allowedValues: schema44.properties["forward-policy"].enum}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
}
else {
const err4 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
validate117.errors = vErrors;
return errors === 0;
}
validate117.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema45 = {"title":"Expectation","description":"One thing that must be reachable, or must not.","type":"object","additionalProperties":false,"required":["from","to"],"properties":{"from":{"title":"From","description":"A namespace, `host` or `outside`. `outside` cannot send from here: it is judged by `nsctl explain`.","$ref":"#/$defs/endNamespace","examples":["netns1","host","outside"]},"to":{"title":"To","description":"`namespace:port`, `host:port` or `address:port`; for icmp without port.","type":"string","pattern":"^([A-Za-z0-9][A-Za-z0-9._-]{0,63}|[0-9A-Fa-f:.]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$","patternErrorMessage":"netns2:8080, host:22, 192.0.2.1:443 or \"[2001:db8::1]:443\"; for icmp without port","examples":["netns2:8080","host:22","1.1.1.1:53"]},"protocol":{"title":"Protocol","description":"The protocol to try.","type":"string","enum":["tcp","udp","icmp"],"default":"tcp","examples":["icmp"]},"reachable":{"title":"Reachable","description":"Whether it must be reachable, or must not.","type":"boolean","default":true,"examples":[false]},"open":{"title":"Open","description":"In place of `reachable`: the path is open, whether or not anything listens yet. A refusal by the target itself shows that.","type":"boolean","const":true,"examples":[true]}},"examples":[{"from":"netns1","to":"netns2:8080","reachable":false},{"from":"netns1","to":"host:6001","open":true}]};
const pattern24 = new RegExp("^([A-Za-z0-9][A-Za-z0-9._-]{0,63}|[0-9A-Fa-f:.]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$", "u");

function validate120(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate120.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.from === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "from"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.to === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "to"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!(((((key0 === "from") || (key0 === "to")) || (key0 === "protocol")) || (key0 === "reachable")) || (key0 === "open"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.from !== undefined){
if(!(validate88(data.from, {instancePath:instancePath+"/from",parentData:data,parentDataProperty:"from",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate88.errors : append(vErrors, validate88.errors);
errors = vErrors.length;
}
}
if(data.to !== undefined){
let data1 = data.to;
if(typeof data1 === "string"){
if(!pattern24.test(data1)){
const err3 = {instancePath:instancePath+"/to",schemaPath:"#/properties/to/pattern",keyword:"pattern",params:{pattern: "^([A-Za-z0-9][A-Za-z0-9._-]{0,63}|[0-9A-Fa-f:.]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$"}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/to",schemaPath:"#/properties/to/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.protocol !== undefined){
let data2 = data.protocol;
if(typeof data2 !== "string"){
const err5 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(!(((data2 === "tcp") || (data2 === "udp")) || (data2 === "icmp"))){
const err6 = {instancePath:instancePath+"/protocol",schemaPath:"#/properties/protocol/enum",keyword:"enum",params:{allowedValues: schema45.properties.protocol.enum}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.reachable !== undefined){
if(typeof data.reachable !== "boolean"){
const err7 = {instancePath:instancePath+"/reachable",schemaPath:"#/properties/reachable/type",keyword:"type",params:{type: "boolean"}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.open !== undefined){
let data4 = data.open;
if(typeof data4 !== "boolean"){
const err8 = {instancePath:instancePath+"/open",schemaPath:"#/properties/open/type",keyword:"type",params:{type: "boolean"}};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(true !== data4){
const err9 = {instancePath:instancePath+"/open",schemaPath:"#/properties/open/const",keyword:"const",params:{allowedValue: true}};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
else {
const err10 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
validate120.errors = vErrors;
return errors === 0;
}
validate120.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema46 = {"title":"Accepted finding","description":"The code of a finding of the plan and its subject.","type":"string","pattern":"^[a-z][a-z0-9-]*:[\\x21-\\x7e]{1,200}$","patternErrorMessage":"code:subject such as port-held:tcp/6000","examples":["port-held:tcp/6000"]};
const pattern25 = new RegExp("^[a-z][a-z0-9-]*:[\\x21-\\x7e]{1,200}$", "u");

function validate123(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate123.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern25.test(data)){
const err0 = {instancePath,schemaPath:"#/pattern",keyword:"pattern",params:{pattern: "^[a-z][a-z0-9-]*:[\\x21-\\x7e]{1,200}$"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
validate123.errors = vErrors;
return errors === 0;
}
validate123.evaluated = {"dynamicProps":false,"dynamicItems":false};


function validate52(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate52.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.name === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "name"}};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(func1.call(schema19.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0}};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.name !== undefined){
if(!(validate53(data.name, {instancePath:instancePath+"/name",parentData:data,parentDataProperty:"name",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate53.errors : append(vErrors, validate53.errors);
errors = vErrors.length;
}
}
if(data.uplinks !== undefined){
let data1 = data.uplinks;
if(Array.isArray(data1)){
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
let data2 = data1[i0];
if(typeof data2 !== "string"){
const err2 = {instancePath:instancePath+"/uplinks/" + i0,schemaPath:"#/properties/uplinks/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(!(validate55(data2, {instancePath:instancePath+"/uplinks/" + i0,parentData:data1,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate55.errors : append(vErrors, validate55.errors);
errors = vErrors.length;
}
}
let i1 = data1.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data1[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err3 = {instancePath:instancePath+"/uplinks",schemaPath:"#/properties/uplinks/uniqueItems",keyword:"uniqueItems",params:{i: i1, j: j0}};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err4 = {instancePath:instancePath+"/uplinks",schemaPath:"#/properties/uplinks/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.subnets !== undefined){
let data3 = data.subnets;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key1 in data3){
const _errs9 = errors;
if(!(validate57(key1, {instancePath:instancePath+"/subnets",parentData:data3,parentDataProperty:"subnets",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate57.errors : append(vErrors, validate57.errors);
errors = vErrors.length;
}
var valid4 = _errs9 === errors;
if(!valid4){
const err5 = {instancePath:instancePath+"/subnets",schemaPath:"#/properties/subnets/propertyNames",keyword:"propertyNames",params:{propertyName: key1}};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
for(const key2 in data3){
if(!(validate59(data3[key2], {instancePath:instancePath+"/subnets/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data3,parentDataProperty:key2,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate59.errors : append(vErrors, validate59.errors);
errors = vErrors.length;
}
}
}
else {
const err6 = {instancePath:instancePath+"/subnets",schemaPath:"#/properties/subnets/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.namespaces !== undefined){
let data5 = data.namespaces;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key3 in data5){
const _errs14 = errors;
if(!(validate74(key3, {instancePath:instancePath+"/namespaces",parentData:data5,parentDataProperty:"namespaces",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : append(vErrors, validate74.errors);
errors = vErrors.length;
}
var valid6 = _errs14 === errors;
if(!valid6){
const err7 = {instancePath:instancePath+"/namespaces",schemaPath:"#/properties/namespaces/propertyNames",keyword:"propertyNames",params:{propertyName: key3}};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
for(const key4 in data5){
if(!(validate76(data5[key4], {instancePath:instancePath+"/namespaces/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data5,parentDataProperty:key4,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate76.errors : append(vErrors, validate76.errors);
errors = vErrors.length;
}
}
}
else {
const err8 = {instancePath:instancePath+"/namespaces",schemaPath:"#/properties/namespaces/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.veths !== undefined){
let data7 = data.veths;
if(Array.isArray(data7)){
const len1 = data7.length;
for(let i2=0; i2<len1; i2++){
if(!(validate84(data7[i2], {instancePath:instancePath+"/veths/" + i2,parentData:data7,parentDataProperty:i2,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate84.errors : append(vErrors, validate84.errors);
errors = vErrors.length;
}
}
}
else {
const err9 = {instancePath:instancePath+"/veths",schemaPath:"#/properties/veths/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.forwards !== undefined){
let data9 = data.forwards;
if(Array.isArray(data9)){
const len2 = data9.length;
for(let i3=0; i3<len2; i3++){
if(!(validate98(data9[i3], {instancePath:instancePath+"/forwards/" + i3,parentData:data9,parentDataProperty:i3,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate98.errors : append(vErrors, validate98.errors);
errors = vErrors.length;
}
}
}
else {
const err10 = {instancePath:instancePath+"/forwards",schemaPath:"#/properties/forwards/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.allow !== undefined){
let data11 = data.allow;
if(Array.isArray(data11)){
const len3 = data11.length;
for(let i4=0; i4<len3; i4++){
if(!(validate111(data11[i4], {instancePath:instancePath+"/allow/" + i4,parentData:data11,parentDataProperty:i4,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate111.errors : append(vErrors, validate111.errors);
errors = vErrors.length;
}
}
}
else {
const err11 = {instancePath:instancePath+"/allow",schemaPath:"#/properties/allow/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.host !== undefined){
if(!(validate117(data.host, {instancePath:instancePath+"/host",parentData:data,parentDataProperty:"host",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate117.errors : append(vErrors, validate117.errors);
errors = vErrors.length;
}
}
if(data.expect !== undefined){
let data14 = data.expect;
if(Array.isArray(data14)){
const len4 = data14.length;
for(let i5=0; i5<len4; i5++){
if(!(validate120(data14[i5], {instancePath:instancePath+"/expect/" + i5,parentData:data14,parentDataProperty:i5,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate120.errors : append(vErrors, validate120.errors);
errors = vErrors.length;
}
}
}
else {
const err12 = {instancePath:instancePath+"/expect",schemaPath:"#/properties/expect/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data.accept !== undefined){
let data16 = data.accept;
if(Array.isArray(data16)){
const len5 = data16.length;
for(let i6=0; i6<len5; i6++){
let data17 = data16[i6];
if(typeof data17 !== "string"){
const err13 = {instancePath:instancePath+"/accept/" + i6,schemaPath:"#/properties/accept/items/type",keyword:"type",params:{type: "string"}};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(!(validate123(data17, {instancePath:instancePath+"/accept/" + i6,parentData:data16,parentDataProperty:i6,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate123.errors : append(vErrors, validate123.errors);
errors = vErrors.length;
}
}
let i7 = data16.length;
let j1;
if(i7 > 1){
const indices1 = {};
for(;i7--;){
let item1 = data16[i7];
if(typeof item1 !== "string"){
continue;
}
if(typeof indices1[item1] == "number"){
j1 = indices1[item1];
const err14 = {instancePath:instancePath+"/accept",schemaPath:"#/properties/accept/uniqueItems",keyword:"uniqueItems",params:{i: i7, j: j1}};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
break;
}
indices1[item1] = i7;
}
}
}
else {
const err15 = {instancePath:instancePath+"/accept",schemaPath:"#/properties/accept/type",keyword:"type",params:{type: "array"}};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
else {
const err16 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"}};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
validate52.errors = vErrors;
return errors === 0;
}
validate52.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

function append(all, more) {
  for (const one of more) all.push(one)
  return all
}
