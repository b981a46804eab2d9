"""Networks in Terraform's own language that tests put their machines into."""

TWO_SUBNETS = """
resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_subnet" "b" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.2.0/24"
}
"""
"""A network of two subnets and no way out."""


def public_subnet(*, by_default: bool) -> str:
    """A network of one subnet with a way to the internet and from it; whether machines get a public address."""
    return f"""
resource "aws_vpc" "v" {{
  cidr_block = "10.0.0.0/16"
}}
resource "aws_internet_gateway" "i" {{
  vpc_id = aws_vpc.v.id
}}
resource "aws_route_table" "t" {{
  vpc_id = aws_vpc.v.id
  route {{
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.i.id
  }}
}}
resource "aws_subnet" "s" {{
  vpc_id                  = aws_vpc.v.id
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = {str(by_default).lower()}
}}
resource "aws_route_table_association" "s" {{
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.t.id
}}
"""
